import { describe, expect, test } from 'vitest';
import { escapeHtml, html } from '../../functions/core/report/html.ts';

describe('text in a page', () => {
  test('is no markup, whatever it holds', () => {
    expect(html`<p title="${'"><img src=x>'}">${"<b>'&"}</p>`.markup).toBe(
      '<p title="&quot;&gt;&lt;img src=x&gt;">&lt;b&gt;&#39;&amp;</p>',
    );
  });

  test.each([
    ['a right-to-left override', 'chip\u202egnp', 'chip⟨U+202E⟩gnp'],
    ['an isolate', '\u2067a\u2069', '⟨U+2067⟩a⟨U+2069⟩'],
    ['NUL', 'a\0b', 'a⟨U+0000⟩b'],
    ['an escape', '\u001b[31m', '⟨U+001B⟩[31m'],
  ])('names %s instead of obeying it', (_name, text, shown) => {
    expect(escapeHtml(text)).toBe(shown);
  });

  test('keeps tabs, ends of lines and other letters', () => {
    expect(escapeHtml('a\tb\r\nµ 日本 ü')).toBe('a\tb\r\nµ 日本 ü');
  });
});
