using System.Collections.Immutable;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Fixed;

namespace Templater.Cli.Options;

/// <summary>A static route with the places of what it says.</summary>
/// <param name="Route">The route.</param>
/// <param name="Place">Where it begins.</param>
/// <param name="Places">Where its keys' values are.</param>
internal sealed record PlacedRoute(StaticRoute Route, FilePlace Place, IReadOnlyDictionary<string, FilePlace> Places)
{
    /// <summary>Says what is wrong with it, by the rules of labels: once, and for which outputs where others have no fault with it.</summary>
    /// <param name="outputs">The settings of every output, at least one.</param>
    /// <param name="problems">Where mistakes go.</param>
    public void Check(IReadOnlyList<OutputPolicy> outputs, SettingsProblems problems)
    {
        var mistakes = new List<Mistake>();
        foreach (var output in outputs)
            foreach (var problem in StaticRouteReader.Problems(Route, output.Policy))
            {
                var place = problem.Key is not null && Places.TryGetValue(problem.Key, out var known) ? known : Place;
                var text = (problem.Message.StartsWith(Route.FullName, StringComparison.Ordinal) ? "" : Route.FullName + ": ") + problem.Message;
                var mistake = mistakes.Find(other => other.Place == place && other.Text == text);
                if (mistake is null)
                    mistakes.Add(mistake = new Mistake(place, text, []));
                if (!mistake.Outputs.Contains(output.Name))
                    mistake.Outputs.Add(output.Name);
            }

        foreach (var mistake in mistakes)
        {
            var where = mistake.Outputs.Count == outputs.Count ? "" : $"output \"{string.Join("\", \"", mistake.Outputs)}\": ";
            problems.Add($"{mistake.Place}: {where}{mistake.Text}", RoutesSection.Name);
        }
    }

    private sealed record Mistake(FilePlace Place, string Text, List<string> Outputs);
}

/// <summary>By which rules an output is routed.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Policy">Its settings.</param>
internal sealed record OutputPolicy(string Name, RoutingPolicy Policy);

/// <summary>Reads <c>routes:</c>, the operator's routes to what is no container.</summary>
internal static class RoutesSection
{
    /// <summary>Name of the section.</summary>
    public const string Name = "routes";

    private const string ServersKey = "servers";
    private const int MaxRoutes = 1000;

    /// <summary>Reads the section; what its keys say is checked later, when everything that they may name is known.</summary>
    /// <param name="value">The section.</param>
    /// <param name="problems">Where mistakes go.</param>
    public static ImmutableArray<PlacedRoute> Read(YamlNode value, SettingsProblems problems)
    {
        if (value is not YamlNode.Mapping section || section.Entries.Count > MaxRoutes)
        {
            problems.Add($"{value.Place}: {Name}: names of routes (at most {MaxRoutes}) with their keys were expected.");
            return [];
        }

        var routes = ImmutableArray.CreateBuilder<PlacedRoute>();
        foreach (var (key, route) in section.Entries)
        {
            if (!OutputNames.IsLegal(key.Text!))
                problems.Add($"{key.Place}: \"{VisibleText.Of(key.Text!)}\" cannot name a route: expected {OutputNames.LegalValues}.");
            else if (route is not YamlNode.Mapping keys)
                problems.Add($"{route.Place}: {Name}.{key.Text}: keys such as host and servers were expected.");
            else
                routes.Add(Read(key, keys, problems));
        }

        // Their order in the file says nothing.
        return [.. routes.OrderBy(static route => route.Route.Name, StringComparer.Ordinal)];
    }

    private static PlacedRoute Read(YamlNode.Scalar name, YamlNode.Mapping keys, SettingsProblems problems)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var places = new Dictionary<string, FilePlace>(StringComparer.Ordinal);
        ImmutableArray<StaticServer> servers = [];
        foreach (var (key, value) in keys.Entries)
            if (key.Text == ServersKey)
                servers = Servers(name.Text!, value, problems);
            else
                Add($"{Name}.{name.Text}.", key.Text!, key.Place, value, values, places, problems);
        return new PlacedRoute(new StaticRoute(name.Text!, values.ToImmutable(), servers), name.Place, places);
    }

    // timeout: { server: 5m } is timeout.server: 5m.
    private static void Add(
        string start, string key, FilePlace keyPlace, YamlNode value, ImmutableSortedDictionary<string, string>.Builder values, Dictionary<string, FilePlace> places, SettingsProblems problems)
    {
        if (value is YamlNode.Mapping group)
        {
            foreach (var (inner, item) in group.Entries)
                Add(start, $"{key}.{inner.Text}", inner.Place, item, values, places, problems);
            return;
        }

        if (TextOf(value) is not { } text)
            problems.Add($"{value.Place}: {start}{VisibleText.Of(key)}: a single value or a list of them was expected.");
        else if (!places.TryAdd(key, value.Place))
            problems.Add($"{keyPlace}: {start}{VisibleText.Of(key)} is there twice.");
        else
            values[key] = text;
    }

    private static ImmutableArray<StaticServer> Servers(string route, YamlNode value, SettingsProblems problems)
    {
        IEnumerable<YamlNode> items = value is YamlNode.Sequence sequence ? sequence.Items : [value];
        var servers = ImmutableArray.CreateBuilder<StaticServer>();
        foreach (var item in items)
            if (item is YamlNode.Scalar { Text: { } text } && StaticServer.TryParse(text.Trim(), out var server))
                servers.Add(server);
            else
                problems.Add($"{item.Place}: {Name}.{route}.{ServersKey}: {StaticServer.Legal} was expected.");
        return [.. servers.Distinct()];
    }

    private static string? TextOf(YamlNode value) => value switch
    {
        YamlNode.Scalar scalar => scalar.Text ?? "",
        YamlNode.Sequence sequence when sequence.Items.All(static item => item is YamlNode.Scalar) => string.Join(',', sequence.Items.Select(static item => ((YamlNode.Scalar)item).Text)),
        _ => null,
    };
}
