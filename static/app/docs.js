// The documentation of the API, drawn by swagger-ui from what the server serves.
window.SwaggerUIBundle({
  url: '/static/openapi.yaml',
  domNode: document.getElementById('docs'),
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
