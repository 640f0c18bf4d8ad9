using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Accounts, sign-in, roles and the audit log.</summary>
internal static class AccessSetup
{
    private const string Chosen = "CookieOrToken";

    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>().Bind(configuration.GetSection(AccessOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ControlPlaneOptions>().Bind(configuration.GetSection(ControlPlaneOptions.Section));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<UserStore>().AddSingleton<TokenStore>().AddSingleton<LoginLimiter>().AddSingleton<SignIn>();
        services.AddSingleton<IAuditLog, AuditLog>();
        services.AddSingleton<SetupLink>().AddHostedService<SetupWorker>();
        services.AddSingleton<CookieRules>();
        services.AddProblemDetails();
        AddKeys(services, configuration);
        AddAuthentication(services);
        return AddAuthorization(services);
    }

    private static void AddKeys(IServiceCollection services, IConfiguration configuration)
    {
        var folder = configuration[$"{ControlPlaneOptions.Section}:{nameof(ControlPlaneOptions.DataFolder)}"] ?? new ControlPlaneOptions().DataFolder;
        services.AddDataProtection().SetApplicationName("EdgeFleet").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(folder, "keys")));
    }

    private static void AddAuthentication(IServiceCollection services)
    {
        services.AddAuthentication(Chosen)
            .AddPolicyScheme(Chosen, null, o => o.ForwardDefaultSelector = c => TokenHandler.IsPresent(c.Request) ? TokenHandler.SchemeName : CookieRules.Scheme)
            .AddScheme<AuthenticationSchemeOptions, TokenHandler>(TokenHandler.SchemeName, null)
            .AddCookie(CookieRules.Scheme);
        services.AddOptions<CookieAuthenticationOptions>(CookieRules.Scheme).Configure<Microsoft.Extensions.Options.IOptions<AccessOptions>>((cookie, access) =>
        {
            cookie.Cookie.Name = "__Host-edgefleet";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.Path = "/";
            cookie.EventsType = typeof(CookieRules);
            cookie.ExpireTimeSpan = TimeSpan.FromHours(access.Value.SignInHours);
            cookie.SlidingExpiration = true;
        });
    }

    // Whatever says nothing about access needs at least a viewer.
    private static IServiceCollection AddAuthorization(IServiceCollection services)
    {
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswers>();
        var builder = services.AddAuthorizationBuilder();
        foreach (var role in Policies.All)
            builder.AddPolicy(role, Needs(role));
        builder.SetDefaultPolicy(Needs(Policies.Viewer)).SetFallbackPolicy(Needs(Policies.Viewer));
        return services;
    }

    private static AuthorizationPolicy Needs(string role) =>
        new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new RoleRequirement(role)).Build();
}
