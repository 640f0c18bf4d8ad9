using EdgeFleet.ControlPlane.Access;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>The pages: rendered on the server, every form a plain one.</summary>
internal static class PagesSetup
{
    public static IServiceCollection AddPages(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<Forms.Notes>();
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "__Host-edgefleet-form";
            o.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            o.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddRazorComponents();
        return services;
    }

    /// <summary>Style and icon, and error pages for people. Stands before sign-in is asked for.</summary>
    public static IApplicationBuilder UsePages(this IApplicationBuilder app)
    {
        app.UseStaticFiles(SiteFiles.Options());
        return app.UseWhen(c => !AccessAnswers.IsForPrograms(c.Request), people => people.UseMiddleware<ErrorPages>());
    }
}
