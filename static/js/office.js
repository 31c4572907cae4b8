// Desktop pop-ups, once the person has agreed to them. Without JavaScript the inbox tells the same.
(() => {
  if (!("Notification" in window)) return;
  const buttons = document.querySelectorAll("[data-desktop-consent]");
  const address = "/office/notices/desktop/";

  const poll = async () => {
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      // Signed out or away: the next page load says so in words.
      if (!answer.ok || answer.redirected) return;
      const { notices = [] } = await answer.json();
      for (const notice of notices) {
        const popup = new Notification(notice.title, { body: notice.body || "", tag: "notice-" + notice.id, lang: "zh-Hans" });
        popup.onclick = () => {
          window.focus();
          popup.close();
          const target = new URL(notice.url || "/office/notices/", location.origin);
          if (target.origin === location.origin) location.assign(target);
        };
      }
    } catch {
      // The network is away; the next round tries again.
    }
  };

  const start = () => {
    poll();
    setInterval(poll, 30000);
  };

  const show = (visible) => buttons.forEach((button) => (button.hidden = !visible));

  if (Notification.permission === "granted") start();
  else if (Notification.permission === "default") {
    show(true);
    for (const button of buttons) {
      button.addEventListener("click", async () => {
        show(false);
        if ((await Notification.requestPermission()) === "granted") start();
      });
    }
  }
})();
