// Few rules: common mistakes, no questions of style.
const browser = ['AbortController', 'BroadcastChannel', 'Blob', 'CSS', 'DOMException', 'Event', 'EventTarget', 'File', 'FileReader',
  'FormData', 'HTMLElement', 'Headers', 'Image', 'Intl', 'IntersectionObserver', 'MediaRecorder', 'MutationObserver', 'Request',
  'ResizeObserver', 'Response', 'URL', 'URLSearchParams', 'XMLHttpRequest', 'addEventListener', 'caches', 'cancelAnimationFrame',
  'clearInterval', 'clearTimeout', 'confirm', 'console', 'crypto', 'devicePixelRatio', 'document', 'fetch', 'history', 'indexedDB',
  'innerHeight', 'innerWidth', 'localStorage', 'location', 'matchMedia', 'navigator', 'performance', 'process', 'queueMicrotask',
  'removeEventListener', 'requestAnimationFrame', 'self', 'sessionStorage', 'setInterval', 'setTimeout', 'structuredClone', 'window'];

export default [{
  files: ['**/*.js', '**/*.mjs'],
  languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: Object.fromEntries(browser.map((name) => [name, 'readonly'])) },
  linterOptions: { reportUnusedDisableDirectives: 'error' },
  rules: {
    'no-undef': 'error',
    'no-unused-vars': 'error',
    'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
    'no-const-assign': 'error',
    'no-dupe-keys': 'error',
    'no-eval': 'error',
    'no-implied-eval': 'error',
    'no-new-func': 'error',
    'no-self-assign': 'error',
    'no-unreachable': 'error',
    'no-unsafe-finally': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'eqeqeq': 'error',
    'max-lines': ['error', 500],
  },
}];
