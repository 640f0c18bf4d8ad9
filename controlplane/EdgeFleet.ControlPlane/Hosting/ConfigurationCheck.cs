using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>
/// Looks at every options class that is validated and lists all faults at once: values that cannot be read, that break an annotation, and keys
/// that no options class knows. The framework's own check stops at the first value that cannot be read.
/// </summary>
internal static partial class ConfigurationCheck
{
    private const int UnreadableMax = 50;

    /// <summary>Throws when anything is wrong.</summary>
    /// <exception cref="ConfigurationFault">All that is wrong.</exception>
    public static void ThrowOnFaults(IServiceCollection services, IConfigurationRoot configuration)
    {
        using var provider = services.BuildServiceProvider();
        var types = services.Select(s => s.ServiceType)
            .Where(t => t.IsGenericType && t.GetGenericTypeDefinition() == typeof(IValidateOptions<>))
            .Select(t => t.GetGenericArguments()[0])
            .Where(t => SectionOf(t) is not null).Distinct().ToList();
        var faults = types.SelectMany(t => FaultsOf(t, provider, configuration)).Concat(UnknownKeys(types, configuration)).Distinct().ToList();
        if (faults.Count > 0)
            throw new ConfigurationFault(faults);
    }

    private static IEnumerable<string> FaultsOf(Type type, IServiceProvider provider, IConfigurationRoot configuration)
    {
        var create = typeof(ConfigurationCheck).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type);
        var faults = new List<string>();
        for (var i = 0; i < UnreadableMax; i++)
        {
            try
            {
                create.Invoke(null, [provider]);
                return faults;
            }
            catch (TargetInvocationException e) when (e.InnerException is OptionsValidationException invalid)
            {
                faults.AddRange(invalid.Failures.SelectMany(f => Describe(f, type, configuration)));
                return faults;
            }
            catch (TargetInvocationException e) when (e.InnerException is InvalidOperationException unreadable
                && Unreadable().Match(unreadable.Message) is { Success: true } match)
            {
                // The process ends after this check, so the value may be taken away to see what else is wrong.
                faults.Add($"{match.Groups["key"].Value}: '{match.Groups["value"].Value}' cannot be read as {KindOf(match.Groups["type"].Value)}{Example(type, match.Groups["key"].Value)}");
                Remove(configuration, match.Groups["key"].Value);
            }
        }

        return faults;
    }

    private static object Create<T>(IServiceProvider provider)
        where T : class => provider.GetRequiredService<IOptionsFactory<T>>().Create(Options.DefaultName);

    private static IEnumerable<string> Describe(string failure, Type type, IConfigurationRoot configuration)
    {
        var match = Annotation().Match(failure);
        if (!match.Success)
            return [failure];

        var key = $"{SectionOf(type)}:{match.Groups["member"].Value}";
        var value = configuration[key] is { } text ? $"'{text}' " : "";
        return [$"{key}: {value}{match.Groups["error"].Value.TrimEnd('.')}{Example(type, key)}"];
    }

    private static IEnumerable<string> UnknownKeys(List<Type> types, IConfigurationRoot configuration)
    {
        foreach (var section in types.GroupBy(t => SectionOf(t)!))
        {
            var known = section.SelectMany(t => t.GetProperties()).Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var key in configuration.GetSection(section.Key).GetChildren().Select(c => c.Key).Where(k => !known.Contains(k)))
                yield return $"{section.Key}:{key}: there is no such setting; known are {string.Join(", ", known.Order())}";
        }
    }

    // What the code sets when nothing is configured is a working value.
    private static string Example(Type type, string key)
    {
        var value = type.GetProperty(key.Split(':')[^1])?.GetValue(Activator.CreateInstance(type));
        return value is null or "" or Array or System.Collections.IEnumerable and not string ? "" : FormattableString.Invariant($", for example {value}");
    }

    private static void Remove(IConfigurationRoot configuration, string key)
    {
        foreach (var provider in configuration.Providers.Where(p => p.TryGet(key, out _)))
            provider.Set(key, null);
    }

    private static string KindOf(string type) => type switch
    {
        "System.Int32" or "System.Int64" => "a whole number",
        "System.Double" or "System.Single" => "a number",
        "System.Boolean" => "true or false",
        _ => type.Split('.')[^1],
    };

    private static string? SectionOf(Type type) => type.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null) as string;

    [GeneratedRegex("^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']+)' to type '(?<type>[^']+)'")]
    private static partial Regex Unreadable();

    [GeneratedRegex("^DataAnnotation validation failed for '[^']+' members: '(?<member>[^']+)' with the error: '(?<error>.*)'\\.?$", RegexOptions.Singleline)]
    private static partial Regex Annotation();
}
