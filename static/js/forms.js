// A second click sends nothing twice. The server's idempotency token is what guarantees it; this only
// spares people the wait. Buttons are not disabled, because a disabled button's value is not sent.
(() => {
  const release = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled=true]")) button.removeAttribute("aria-disabled");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || "repeat" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  }, true);

  // Coming back with the browser's back button shows the page as it was left.
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form");
    if (form) release(form);
  });

  // Arriving at a form that was refused: the summary is read out first.
  const summary = document.querySelector(".summary");
  if (summary) {
    summary.tabIndex = -1;
    summary.focus();
  }
})();
