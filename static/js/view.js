// 关怀版 and 高对比 at once, without loading the page again; without JavaScript the links do it.
(() => {
  const root = document.documentElement;
  const links = document.querySelectorAll("a[data-view]");
  const on = (name) => root.classList.contains("view-" + name);
  const mode = (large, contrast) => [large && "large", contrast && "contrast"].filter(Boolean).join("-") || "standard";

  const relabel = () => {
    for (const link of links) {
      const name = link.dataset.view;
      const address = new URL(link.href);
      link.textContent = on(name) ? link.dataset.on : link.dataset.off;
      address.searchParams.set(
        "mode",
        name === "large" ? mode(!on("large"), on("contrast")) : mode(on("large"), !on("contrast")),
      );
      link.href = address;
    }
  };

  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      root.classList.toggle("view-" + link.dataset.view);
      const now = mode(on("large"), on("contrast"));
      const age = now === "standard" ? 0 : 31536000;
      const secure = location.protocol === "https:" ? ";secure" : "";
      document.cookie = `yulin_view=${now};path=/;max-age=${age};samesite=lax${secure}`;
      relabel();
    });
  }
})();
