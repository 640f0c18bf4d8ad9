using System.Diagnostics;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.Agent.Tests.Hosting;

public sealed class ConfigTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_whole_configuration_is_read_with_defaults_for_what_is_left_out()
    {
        var services = Read($$"""
            { // Comments are allowed: people edit this file.
              "Agent": { "StateFolder": "{{_folder["state"]}}", "Hardware": "orin-nano" },
              "Slots": {
                "leaf": { "Source": { "Kind": "images", "Folder": "{{_folder.Path}}", "SamplesPerSecond": 2.5 }, "QueueLength": 4, "Threads": 2 },
                "pump-3": { "Source": { "Kind": "csv", "File": "{{_folder["pump.csv"]}}", "Columns": ["acceleration"], "Stride": 256, "Loop": false } }
              },
              "Monitoring": { "WindowSeconds": 2 },
              "Updates": { "ProbationSeconds": 900 }
            }
            """);

        var hosts = services.GetServices<SlotHost>().ToDictionary(h => h.Slot.Value);
        Assert.Equal((4, 2, "image", 2.5), (hosts["leaf"].Options.QueueLength, hosts["leaf"].Threads, hosts["leaf"].InputKind, hosts["leaf"].SamplesPerSecond));
        Assert.Equal((8, 1, "series"), (hosts["pump-3"].Options.QueueLength, hosts["pump-3"].Threads, hosts["pump-3"].InputKind));
        var csv = Assert.IsType<CsvOptions>(hosts["pump-3"].Options.Source.Of);
        Assert.Equal((_folder["pump.csv"], 256, false), (csv.File, csv.Stride, csv.Loop));
        Assert.True(Directory.Exists(_folder["state"]));
    }

    [Fact]
    public void Every_mistake_over_all_sections_is_listed_with_key_problem_and_example()
    {
        var faults = Faults($$"""
            {
              "Agent": { "StateFolder": "/proc/nowhere", "Hardwear": "orin" },
              "Slots": {
                "Leaf!": { "Source": { "Kind": "images", "Folder": "{{_folder.Path}}" } },
                "pump": { "Source": { "Kind": "csv", "Columns": "x", "SamplesPerSecond": "often" }, "QueueLength": 0 },
                "cam": { "Source": { "Kind": "video" }, "Threads": 1.5 },
                "bare": { }
              },
              "Monitoring": { "WindowSeconds": 100000 },
              "Logging": { "Level": "Loud" },
              "Monitorign": { "WindowSeconds": 2 }
            }
            """);

        Assert.Equal(
            [
                "Agent:Hardwear", "Agent:StateFolder", "Logging:Level", "Monitorign", "Monitoring:WindowSeconds", "Slots:Leaf!", "Slots:bare:Source:Kind",
                "Slots:cam:Source:Kind", "Slots:cam:Threads", "Slots:pump:QueueLength", "Slots:pump:Source:Columns", "Slots:pump:Source:File",
                "Slots:pump:Source:SamplesPerSecond",
            ],
            faults.Select(f => f.Key).Order(StringComparer.Ordinal));
        Assert.Equal("Slots:pump:Source:SamplesPerSecond: is 'often', but must be a number from 0 to 1000; for example 1", faults.Single(f => f.Key.EndsWith("PerSecond", StringComparison.Ordinal)).ToString());
        Assert.Equal("Monitoring:WindowSeconds: is '100000', but must be a whole number from 1 to 3600; for example 60", faults.Single(f => f.Key == "Monitoring:WindowSeconds").ToString());
    }

    [Fact]
    public void Options_of_ONNX_Runtime_are_checked_by_name_and_value()
    {
        var faults = Faults($$"""
            {
              "Agent": { "StateFolder": "{{_folder["state"]}}" },
              "Slots": { "leaf": { "Source": { "Kind": "images", "Folder": "/" } } },
              "Inference": {
                "NativeLibrary": "libonnxruntime.so",
                "Providers": ["tensorrt", "cudaa"],
                "ProviderOptions": { "tensorrt": { "trt_dla_enable": "1", "trt_dla_cores": "1" }, "gpu": { } },
                "SessionOptions": { "session.intra_op.allow_spining": "1", "session.dynamic_block_base": "four", "session.set_denormal_as_zero": "1" }
              }
            }
            """).ToDictionary(f => f.Key);

        Assert.Equal(
            ["Inference:NativeLibrary", "Inference:ProviderOptions:gpu", "Inference:ProviderOptions:tensorrt:trt_dla_cores", "Inference:Providers", "Inference:SessionOptions:session.dynamic_block_base", "Inference:SessionOptions:session.intra_op.allow_spining"],
            faults.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("the nearest are session.intra_op.allow_spinning,", faults["Inference:SessionOptions:session.intra_op.allow_spining"].Problem, StringComparison.Ordinal);
        Assert.Contains("'cudaa'", faults["Inference:Providers"].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_JSON_names_file_and_line()
    {
        File.WriteAllText(_folder["agent.json"], "{\n  \"Agent\": {\n    \"Hardware\": oops\n  }\n}\n");

        var fault = Assert.Single(Assert.Throws<ConfigException>(() => ConfigFile.Load(_folder["agent.json"])).Faults);

        Assert.Equal($"{_folder["agent.json"]}, line 3", fault.Key);
    }

    [Fact]
    public void The_file_is_named_by_the_option_or_stands_in_etc()
    {
        Assert.Equal(Path.GetFullPath("a.json"), ConfigFile.PathFrom(["--config", "a.json"]));
        Assert.Equal(Path.GetFullPath("a.json"), ConfigFile.PathFrom(["TICKET", "--config=a.json"]));
        Assert.Equal("/etc/edgefleet/agent.json", ConfigFile.PathFrom([]));
        Assert.Throws<ConfigException>(() => ConfigFile.PathFrom(["--config"]));
        Assert.Contains("no such file", Assert.Throws<ConfigException>(() => ConfigFile.Load(_folder["absent.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_lists_three_mistakes_and_stops_with_EX_CONFIG()
    {
        File.WriteAllText(_folder["agent.json"], $$"""
            { "Agent": { "StateFolder": "{{_folder["state"]}}" },
              "Slots": { "leaf": { "Source": { "Kind": "images", "SamplesPerSecond": -1 }, "Queue": 3 } } }
            """);

        var (code, error) = await RunAsync("run", "--config", _folder["agent.json"]);

        Assert.Equal(78, code);
        Assert.Contains("3 mistake(s)", error, StringComparison.Ordinal);
        Assert.All(["Slots:leaf:Source:Folder", "Slots:leaf:Source:SamplesPerSecond", "Slots:leaf:Queue"], key => Assert.Contains(key, error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_environment_variable_goes_over_the_file()
    {
        File.WriteAllText(_folder["agent.json"], $$"""{ "Agent": { "StateFolder": "{{_folder["state"]}}" }, "Slots": { "leaf": { "Source": { "Kind": "images", "Folder": "/" } } } }""");

        var (code, error) = await RunWithAsync(new() { ["EDGEFLEET_Slots__leaf__QueueLength"] = "many" }, "--config", _folder["agent.json"]);

        Assert.Equal(78, code);
        Assert.Contains("Slots:leaf:QueueLength: is 'many'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_command_shows_the_usage_and_is_a_wrong_call()
    {
        var (code, error) = await RunAsync("dance");

        Assert.Equal(2, code);
        Assert.Contains("no command 'dance'", error, StringComparison.Ordinal);
        Assert.Contains("edgefleet-agent run", error, StringComparison.Ordinal);
    }

    private IConfigurationRoot Load(string json)
    {
        File.WriteAllText(_folder["agent.json"], json);
        return ConfigFile.Load(_folder["agent.json"]);
    }

    private ServiceProvider Read(string json)
    {
        var configuration = Load(json);
        var services = new ServiceCollection();
        services.AddHosting(configuration).AddMonitoring(configuration).AddInference(configuration).AddSources();
        services.ThrowIfMisconfigured(configuration);
        return services.BuildServiceProvider();
    }

    private IReadOnlyList<ConfigFault> Faults(string json) => Assert.Throws<ConfigException>(() => Read(json)).Faults;

    private static Task<(int Code, string Error)> RunAsync(params string[] args) => RunWithAsync([], args);

    private static async Task<(int Code, string Error)> RunWithAsync(Dictionary<string, string> environment, params string[] args)
    {
        // The program from its own folder: beside the tests it would miss what the web framework brings here.
        var program = BuiltPrograms.Agent;
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), .. args]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
