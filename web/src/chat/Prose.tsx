import { memo } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkBreaks from "remark-breaks";
import remarkGfm from "remark-gfm";
import styles from "./Prose.module.css";

/** What a message may be made of. No raw HTML is read, no picture is loaded: a model's text is nobody's code. */
const ALLOWED = [
  "p", "em", "strong", "del", "br", "blockquote", "ul", "ol", "li", "code", "pre", "a", "hr",
  "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
];

const PARTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // Headings inside a message must not mingle with the page's own.
  h1: ({ children }) => <p className={styles["heading"]}>{children}</p>,
  h2: ({ children }) => <p className={styles["heading"]}>{children}</p>,
  h3: ({ children }) => <p className={styles["heading"]}>{children}</p>,
  h4: ({ children }) => <p className={styles["heading"]}>{children}</p>,
  h5: ({ children }) => <p className={styles["heading"]}>{children}</p>,
  h6: ({ children }) => <p className={styles["heading"]}>{children}</p>,
};

const PLUGINS = [remarkGfm, remarkBreaks];

/** Text set as in a book; *what is done* between asterisks stands in italics. */
export const Prose = memo(function Prose({ text, className = "" }: { text: string; className?: string | undefined }) {
  return (
    <div className={`${styles["prose"]} ${className}`} dir="auto">
      <Markdown remarkPlugins={PLUGINS} components={PARTS} allowedElements={ALLOWED} unwrapDisallowed skipHtml={false}>
        {text}
      </Markdown>
    </div>
  );
});
