// Runs before anything is drawn, so that a page that was switched to dark does not flash.
try {
  const theme = localStorage.getItem('meliproxy.theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Without storage the system's preference applies.
}
