using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.LocalApi;
using EdgeFleet.Shared.Files;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.Agent.Tests.LocalApi;

/// <summary>A board with two slots, <c>leaf</c> and <c>pump</c>, and its local API, wired as the program wires it but for sources and link.</summary>
internal sealed class LocalApiBench : IAsyncDisposable
{
    private readonly IHost _host;

    public LocalApiBench(string settings = "", string? listen = null, TimeProvider? time = null, params ISampleObserver[] observers)
    {
        File.WriteAllText(Folder["agent.json"], $$"""
            { "Agent": { "StateFolder": "{{Folder["state"]}}" },
              "Slots": { "leaf": { "Source": { "Kind": "images", "Folder": "/nowhere" } }, "pump": { "Source": { "Kind": "csv", "File": "/nowhere" } } },
              "LocalApi": { "Listen": "{{listen ?? $"unix:{SocketPath}"}}" {{settings}} } }
            """);
        var configuration = ConfigFile.Load(Folder["agent.json"]);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(time ?? TimeProvider.System).AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddLogging();
        foreach (var observer in observers)
            builder.Services.AddSingleton(observer);
        builder.Services.AddSection(configuration, AgentOptions.Section, AgentOptions.Read);
        builder.Services.AddHealth().AddInference(configuration).AddLocalApi(configuration);
        builder.Services.ThrowIfMisconfigured(configuration);
        _host = builder.Build();
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public TempFolder Folder { get; } = new();

    public string SocketPath => Folder["api.sock"];

    public EndPoint EndPoint { get; private set; } = null!;

    public HealthBoard Health => _host.Services.GetRequiredService<HealthBoard>();

    public Task<EndPoint> Listening => _host.Services.GetRequiredService<ApiListener>().Listening;

    public HttpClient Http { get; private set; } = null!;

    public SlotHost Slot(string name) => _host.Services.GetServices<SlotHost>().Single(h => h.Slot.Value == name);

    public Task StartHostAsync() => _host.StartAsync(Cancel);

    /// <summary>Starts it and waits until it listens.</summary>
    public async Task<LocalApiBench> StartAsync(bool withModels = true)
    {
        await StartHostAsync();
        if (withModels)
        {
            await ActivateAsync("leaf", TestPackageSpec.Colours());
            await ActivateAsync("pump", TestPackageSpec.Series(length: 4));
        }

        EndPoint = await Listening.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Http = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, _) => await ConnectAsync() }) { BaseAddress = new Uri("http://localhost/") };
        return this;
    }

    public async Task<LoadedModel> ActivateAsync(string slot, TestPackageSpec spec)
    {
        var package = TestPackage.Build(spec);
        package.AddTo(_host.Services.GetRequiredService<ContentStore>());
        var model = await _host.Services.GetRequiredService<ModelLoader>().LoadAsync(package.Ref, 1, Cancel);
        (await Slot(slot).SwapAsync(model, Cancel))?.Dispose();
        return model;
    }

    public async Task<Stream> ConnectAsync()
    {
        var socket = new Socket(EndPoint.AddressFamily, SocketType.Stream, EndPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        await socket.ConnectAsync(EndPoint, Cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Sends bytes as they are and gives all that comes back until the other side closes.</summary>
    public async Task<string> RawAsync(string request)
    {
        await using var stream = await ConnectAsync();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Cancel);
        return await RestAsync(stream);
    }

    public static async Task<string> RestAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        try
        {
            return await reader.ReadToEndAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (IOException)
        {
            // Closed with bytes of ours unread.
            return "";
        }
    }

    public Task<HttpResponseMessage> PostAsync(string path, byte[] body, string type) => Http.PostAsync(path, Content(body, type), Cancel);

    public Task<HttpResponseMessage> PostAsync(string path, string json) => PostAsync(path, Encoding.UTF8.GetBytes(json), "application/json");

    public static ByteArrayContent Content(byte[] body, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(type);
        return content;
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        Folder.Dispose();
    }
}
