// Mistakes, one a line, each of which the compiler has to refuse; tests/docs/test_event_types.py counts them.
document.addEventListener("ads:verdict", ({ detail }) => detail.state === "blocking");
document.addEventListener("ads:verdict", ({ detail }) => detail.kind === "unsure");
document.addEventListener("ads:verdict", ({ detail }) => detail.kind.length);
document.addEventListener("ads:verdict", ({ detail }) => detail.signals.cookies);
document.addEventListener("ads:verdict", ({ detail }) => detail.signals.ads === "partial");
document.addEventListener("ads:verdict", ({ detail }) => detail.ms.length);
document.addEventListener("ads:verdict", ({ detail }) => detail.reason);
document.addEventListener("ads:notice", ({ detail }) => detail.action === "closed");
document.addEventListener("ads:notice", ({ detail }) => detail.say("shown"));
document.addEventListener("ads:notice", ({ detail }) => detail.action === "ask" && detail.say("seen"));
document.addEventListener("ads:consent", ({ detail: answer }) => answer("yes"));
document.addEventListener("ads:verdikt", ({ detail }) => detail);
