using EdgeFleet.ControlPlane.Access;
using Microsoft.OpenApi;

namespace EdgeFleet.ControlPlane.ApiDescription;

/// <summary>What the HTTP API can do, as an OpenAPI document made from the endpoints themselves, for whoever is signed in.</summary>
internal static class ApiDescriptionSetup
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.ShouldInclude = endpoint => endpoint.RelativePath is { } path && (path.StartsWith("api/", StringComparison.Ordinal) || path == "enrol/v1");
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "EdgeFleet control plane",
                Version = "v1",
                Description = "Send 'Authorization: Bearer TOKEN'; POST /api/login gives a token. Refusals are problems as RFC 9457 says, with what to do in 'detail'.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
            return Task.CompletedTask;
        });
    });

    public static IEndpointRouteBuilder MapApiDescription(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").RequireAuthorization(Policies.Viewer);
        return routes;
    }
}
