// The API documentation: swagger-ui shows /static/openapi.yaml.
window.SwaggerUIBundle({
  url: '/static/openapi.yaml',
  domNode: document.getElementById('docs'),
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
