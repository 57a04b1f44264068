// Light or dark: as the system has it, until somebody says otherwise; and then until they say so again.

const KEY = 'theme';

export function applyTheme(button: Element): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const chosen = stored();
  if (chosen !== undefined) root.dataset['theme'] = chosen;
  const current = (): 'dark' | 'light' => {
    const { theme } = root.dataset;
    if (theme === 'dark' || theme === 'light') return theme;
    return dark.matches ? 'dark' : 'light';
  };
  const label = (): void => {
    button.textContent = current() === 'dark' ? 'Light' : 'Dark';
    button.setAttribute(
      'aria-label',
      `Change to ${current() === 'dark' ? 'light' : 'dark'} colours`,
    );
  };
  label();
  dark.addEventListener('change', label);
  button.addEventListener('click', () => {
    const next = current() === 'dark' ? 'light' : 'dark';
    root.dataset['theme'] = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Where nothing may be stored, it holds as long as the page does.
    }
    label();
  });
}

function stored(): 'dark' | 'light' | undefined {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'dark' || theme === 'light' ? theme : undefined;
  } catch {
    return undefined;
  }
}
