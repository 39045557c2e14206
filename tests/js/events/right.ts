// What the documentation offers a page, with the types that it has; compiled by tests/docs/test_event_types.py.

document.addEventListener("ads:verdict", ({ detail }) => {
  const state: Ads.State = detail.state;
  const kind: "extension" | "browser" | "network" | null = detail.kind;
  const requests: Ads.Signal | undefined = detail.signals.requests;
  console.log(state, kind, requests, detail.ms.toFixed(), detail.revised === true);
});

document.addEventListener("ads:notice", async ({ detail }) => {
  if (detail.action !== "ask") {
    const action: Ads.Action = detail.action;
    console.log(action);
    return;
  }
  detail.say("shown");
  const { state } = await detail.recheck();
  if (state === "clear" && detail.verdict.kind === "browser") detail.say("allowed");
});

document.addEventListener("ads:consent", ({ detail: answer }) => answer("granted"));

document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
document.dispatchEvent(new CustomEvent("ads:check", { detail: { view: true } }));

const told = (event: CustomEvent<Ads.Verdict>) => console.log(event.detail.state);
document.addEventListener("ads:verdict", told);
document.removeEventListener("ads:verdict", told);

// The scripts' own types are those that are published.
const published: Ads.Verdict = {} as Verdict;
const own: Ads.Verdict["state"] & Ads.Verdict["kind"] = {} as Verdict["state"] & Verdict["kind"];
const actions: Ads.Action = "" as import("../../../static/src/notice/types.js").Action;
console.log(published, own, actions);
