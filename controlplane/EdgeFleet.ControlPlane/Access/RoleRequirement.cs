using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Asks for a role, and remembers which, so that a refusal can say it.</summary>
internal sealed class RoleRequirement(string needed) : AuthorizationHandler<RoleRequirement>, IAuthorizationRequirement
{
    /// <summary>The role that is needed.</summary>
    public string Needed => needed;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
    {
        if (Policies.Covers(context.User.FindFirstValue(ClaimTypes.Role), requirement.Needed))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
