using EdgeFleet.ControlPlane.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Identity;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Accounts, sign-in, roles and the audit log.</summary>
internal static class AccessSetup
{
    private const string Chosen = "CookieOrToken";

    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>().Bind(configuration.GetSection(AccessOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<UserStore>().AddSingleton<UserCommands>().AddSingleton<TokenStore>().AddSingleton<TokenCommands>().AddSingleton<LoginLimiter>().AddSingleton<SignIn>().AddSingleton<BrowserSignIn>();
        services.AddSingleton<IAuditLog, AuditLog>().AddHostedService<AuditHeadWorker>();
        services.AddSingleton<SetupLink>().AddHostedService<SetupWorker>();
        services.AddSingleton<CookieRules>();
        AddKeys(services);
        AddAuthentication(services);
        return AddAuthorization(services);
    }

    /// <summary>Who asks, whether he may, and whether a form is ours. Stands after routing and before the endpoints.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app.UseAuthentication().UseSiteScope().UseAuthorization().UseAntiforgery();

    private static void AddKeys(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("EdgeFleet");
        services.AddOptions<KeyManagementOptions>().Configure<DataFolder, ILoggerFactory>((keys, folder, logs) =>
            keys.XmlRepository = new FileSystemXmlRepository(PrivateFolder(folder.PathOf("keys")), logs));
    }

    // The keys of sign-in cookies: whoever reads them can be anybody.
    private static DirectoryInfo PrivateFolder(string path) =>
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

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
