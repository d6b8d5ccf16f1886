// What the bundler lets a page import besides modules.
declare module '*.css' {}
declare module '*.css?inline' {
  const text: string
  export default text
}
