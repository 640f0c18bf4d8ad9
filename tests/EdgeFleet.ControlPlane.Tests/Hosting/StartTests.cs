using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.ControlPlane.Tests.Hosting;

/// <summary>The built program as a process: what an operator sees when it cannot start.</summary>
public sealed class StartTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_mistake_in_the_configuration_is_listed_with_key_fault_and_example()
    {
        var (code, output) = await RunAsync(new JsonObject
        {
            ["ControlPlane"] = new JsonObject { ["DataFolder"] = _folder["data"], ["HttpsPort"] = "eight", ["DeviceHttpsPort"] = 70000, ["MqtPort"] = 1, ["Hosts"] = new JsonArray("not a host") },
            ["Broker"] = new JsonObject { ["KeepAliveSecondsMax"] = 1 },
            ["Logging"] = new JsonObject { ["Level"] = "Loud" },
        });

        Assert.Equal(78, code);
        Assert.Contains("ControlPlane:HttpsPort: 'eight' cannot be read as a whole number, for example 8443", output, StringComparison.Ordinal);
        Assert.Contains("ControlPlane:DeviceHttpsPort: '70000' is not a port: 0 (any free one) to 65535, for example 8444", output, StringComparison.Ordinal);
        Assert.Contains("ControlPlane:MqtPort: there is no such setting", output, StringComparison.Ordinal);
        Assert.Contains("Broker:KeepAliveSecondsMax: '1' ", output, StringComparison.Ordinal);
        Assert.Contains("Logging:Level: 'Loud' is not a level", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task Two_listeners_on_one_port_and_a_host_that_is_none_are_mistakes()
    {
        var (code, output) = await RunAsync(new JsonObject
        {
            ["ControlPlane"] = new JsonObject { ["DataFolder"] = _folder["data"], ["MqttPort"] = 8443, ["Hosts"] = new JsonArray("not a host") },
        });

        Assert.Equal(78, code);
        Assert.Contains("ControlPlane:MqttPort: '8443' is the same port as ControlPlane:HttpsPort", output, StringComparison.Ordinal);
        Assert.Contains("'not a host'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_JSON_and_one_that_is_not_there_are_named()
    {
        await File.WriteAllTextAsync(_folder["broken.json"], "{ \"ControlPlane\": ");
        var (brokenCode, broken) = await RunAsync(_folder["broken.json"]);
        var (absentCode, absent) = await RunAsync(_folder["absent.json"]);

        Assert.Equal((78, 78), (brokenCode, absentCode));
        Assert.Contains("broken.json", broken, StringComparison.Ordinal);
        Assert.Contains("there is no file", absent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_the_setting_that_changes_it()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;

        var (code, output) = await RunAsync(new JsonObject
        {
            ["ControlPlane"] = new JsonObject { ["DataFolder"] = _folder["data"], ["HttpsPort"] = 0, ["DeviceHttpsPort"] = port, ["MqttPort"] = 0 },
        });

        Assert.Equal(1, code);
        Assert.Contains($"Port {port} is in use by another program.", output, StringComparison.Ordinal);
        Assert.Contains("ControlPlane:DeviceHttpsPort", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_named()
    {
        var (code, output) = await RunAsync(new JsonObject
        {
            ["ControlPlane"] = new JsonObject { ["DataFolder"] = "/proc/nowhere", ["HttpsPort"] = 0, ["DeviceHttpsPort"] = 0, ["MqttPort"] = 0 },
        });

        Assert.Equal(1, code);
        Assert.Contains("/proc/nowhere", output, StringComparison.Ordinal);
        Assert.Contains("ControlPlane:DataFolder", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_that_is_no_command_gets_the_usage()
    {
        var (code, _, output) = await LocalProcess.RunAsync([.. BuiltPrograms.ControlPlane, "serve"], Patience, TestContext.Current.CancellationToken);

        Assert.Equal(64, code);
        Assert.Contains("'serve' is not a command", output, StringComparison.Ordinal);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_starts_from_any_folder_says_where_it_listens_and_leaves_no_endpoints_behind()
    {
        var file = await WriteAsync(new JsonObject
        {
            ["ControlPlane"] = new JsonObject { ["DataFolder"] = _folder["data"], ["HttpsPort"] = 0, ["DeviceHttpsPort"] = 0, ["MqttPort"] = 0 },
        });
        await using var process = LocalProcess.Start([.. BuiltPrograms.ControlPlane, "--config", file], _folder["log"]);
        await Eventually.IsAsync(() => File.Exists(_folder["data", "endpoints.json"]) || process.HasExited, "listening", Patience, TestContext.Current.CancellationToken);
        Assert.False(process.HasExited, await File.ReadAllTextAsync(_folder["log"]));

        await process.StopAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.False(File.Exists(_folder["data", "endpoints.json"]));
    }

    private async Task<(int Code, string Output)> RunAsync(JsonObject config) => await RunAsync(await WriteAsync(config));

    private static async Task<(int Code, string Output)> RunAsync(string file)
    {
        var (code, _, output) = await LocalProcess.RunAsync([.. BuiltPrograms.ControlPlane, "run", "--config", file], Patience, TestContext.Current.CancellationToken);
        return (code, output);
    }

    private async Task<string> WriteAsync(JsonObject config)
    {
        await File.WriteAllTextAsync(_folder["controlplane.json"], config.ToJsonString());
        return _folder["controlplane.json"];
    }
}
