using EdgeFleet.ControlPlane.Access;
using Microsoft.AspNetCore.Components;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>What every page knows: the request, and who asks.</summary>
public abstract class PageBase : ComponentBase
{
    /// <summary>The request that is answered.</summary>
    [CascadingParameter]
    public HttpContext Http { get; set; } = null!;

    /// <summary>Name of the account.</summary>
    protected string Who => Person.Of(Http.User).Name;

    /// <summary>Ends when the browser has gone.</summary>
    protected CancellationToken Cancel => Http.RequestAborted;

    /// <summary>True when who asks may do what needs the role. Buttons of others are not shown.</summary>
    protected bool May(string role) => Person.Of(Http.User).May(role);
}
