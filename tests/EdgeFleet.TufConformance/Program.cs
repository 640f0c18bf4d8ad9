using System.Net;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.TufConformance;

var options = new Dictionary<string, string>();
var words = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    if (args[i].StartsWith("--", StringComparison.Ordinal) && i + 1 < args.Length)
        options[args[i]] = args[++i];
    else
        words.Add(args[i]);
}

using var http = new HttpClient();
var commands = new TufCommands(options["--metadata-dir"], Console.Error.WriteLine);
return words switch
{
    ["init", var root] => commands.Init(File.ReadAllBytes(root)),
    ["refresh"] => await commands.RefreshAsync(Repository(), TimeProvider.System.GetUtcNow()),
    ["download"] => await commands.DownloadAsync(Repository(), options["--target-name"], options["--target-dir"], TimeProvider.System.GetUtcNow()),
    _ => Usage(),
};

TufRepository Repository() => new(Fetch(options["--metadata-url"]), Fetch(options.GetValueOrDefault("--target-base-url", options["--metadata-url"])));

TufFetch Fetch(string address) => async (path, bytesMax, cancel) =>
{
    using var answer = await http.GetAsync(new Uri($"{address.TrimEnd('/')}/{path}"), HttpCompletionOption.ResponseHeadersRead, cancel);
    if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        return null;

    await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancel);
    return await TufRepository.ReadAsync(body, bytesMax, cancel);
};

static int Usage()
{
    Console.Error.WriteLine("""
        edgefleet-tuf --metadata-dir DIR init ROOT
        edgefleet-tuf --metadata-dir DIR --metadata-url URL refresh
        edgefleet-tuf --metadata-dir DIR --metadata-url URL --target-name PATH --target-dir DIR --target-base-url URL download
        """);
    return 2;
}
