using System.Net;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Access;

public sealed class SetupLinkTests
{
    [Fact]
    public async Task The_link_makes_one_admin_and_is_gone()
    {
        await using var plane = await RunningControlPlane.StartAsync();
        var file = Path.Combine(plane.DataFolder, "setup-link.txt");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var link = new Uri((await File.ReadAllTextAsync(file)).Trim());
        Assert.Equal(plane.Ports.HttpsPort, link.Port);

        using var browser = plane.Browser();
        var secret = link.Segments[^1];
        using (var made = await browser.PostFormAsync(link.PathAndQuery, "forms/setup", ("secret", secret), ("name", "Ana"), ("password", "four words are long")))
            Assert.Equal("/", made.Headers.Location?.ToString());
        Assert.Equal(Policies.Admin, (await plane.Services.GetRequiredService<UserStore>().FindAsync("ana", default))!.Role);
        Assert.False(File.Exists(file));
        Assert.IsType<UserAdded.Refused>(await plane.Services.GetRequiredService<SetupLink>().UseAsync(secret, "eve", "four words are long", default));
    }

    [Fact]
    public async Task A_wrong_secret_and_a_short_password_make_no_account()
    {
        await using var plane = await RunningControlPlane.StartAsync();
        var link = plane.Services.GetRequiredService<SetupLink>();
        var secret = (await File.ReadAllTextAsync(link.FilePath)).Trim().Split('/')[^1];
        Assert.IsType<UserAdded.Refused>(await link.UseAsync("A" + secret[1..] + "x", "eve", "four words are long", default));
        var shortOne = Assert.IsType<UserAdded.Refused>(await link.UseAsync(secret, "ana", "short", default));
        Assert.Equal("The password has 5 characters. Use at least 12, for example four words.", shortOne.Reason);
        Assert.False(await plane.Services.GetRequiredService<UserStore>().AnyAsync(default));
        Assert.True(link.IsRight(secret));

        using var browser = plane.Browser();
        using var page = await browser.GetAsync("setup/nonsense");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("<form", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { "user", "add", "ben", "--role", "operator", "--password-stdin" }, "long enough for all\n", 0)]
    [InlineData(new[] { "user", "add", "ben", "--role", "king", "--password-stdin" }, "long enough for all\n", 1)]
    [InlineData(new[] { "user", "add", "ben", "--role", "viewer", "--password-stdin" }, "\n", 1)]
    [InlineData(new[] { "user", "remove", "ben" }, "", 2)]
    public async Task The_command_line_makes_accounts(string[] args, string input, int code)
    {
        await using var plane = await RunningControlPlane.StartAsync();
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var stdin = new StringReader(input);
        Assert.Equal(code, await UserCommand.RunAsync(args, plane.Services, new CommandIO(stdin, output, error), default));
        Assert.Equal(code == 0, await plane.Services.GetRequiredService<UserStore>().FindAsync("ben", default) is { Role: Policies.Operator });
        Assert.NotEmpty(code == 0 ? output.ToString() : error.ToString());
    }
}
