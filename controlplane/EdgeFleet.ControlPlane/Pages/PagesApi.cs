using EdgeFleet.ControlPlane.Pages.Forms;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>Addresses of pages and of the forms on them.</summary>
internal static class PagesApi
{
    public static IEndpointRouteBuilder MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapRazorComponents<App>();
        var forms = routes.MapGroup("/forms").ExcludeFromDescription();
        SignInForms.Map(forms);
        AlertForms.Map(forms);
        RolloutForms.Map(forms);
        EnrolmentForms.Map(forms);
        DeviceForms.Map(forms);
        AccessForms.Map(forms);
        FindForm.Map(routes);
        return routes;
    }
}
