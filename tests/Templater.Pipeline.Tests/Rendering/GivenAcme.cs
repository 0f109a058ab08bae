using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Two authorities, each with an account.</summary>
internal static class GivenAcme
{
    public const string First = "letsencrypt";
    public const string Second = "zerossl";
    public static readonly string FirstThumbprint = new string('A', 42) + "_";
    public static readonly string SecondThumbprint = new string('b', 42) + "-";

    /// <summary>Where Templater answers itself, if it does.</summary>
    public static readonly IPEndPoint Listen = new(IPAddress.Loopback, 8402);

    public static readonly AcmePolicy Policy = new()
    {
        Preferred = [First, Second],
        Authorities = ImmutableSortedDictionary.CreateRange<string, Uri>(StringComparer.Ordinal,
        [
            new(First, new Uri("https://first.example/directory")),
            new("letsencrypt-staging", new Uri("https://staging.example/directory")),
            new(Second, new Uri("https://second.example/directory")),
        ]),
        Dns = ["zone"],
    };

    public static readonly AcmeAnswers Answers = new() { Thumbprints = Ordinal.Empty.Add(First, FirstThumbprint).Add(Second, SecondThumbprint) };

    /// <summary>The same where certificates are ordered of the second authority.</summary>
    public static AcmeAnswers Turned(params string[] certificates) =>
        Answers with { Turned = Ordinal.Empty.AddRange(certificates.Select(static name => KeyValuePair.Create(name, Second))) };
}
