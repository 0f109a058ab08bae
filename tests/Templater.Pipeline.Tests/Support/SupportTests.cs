using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.Dotege;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Tests.Routing.Traefik;

namespace Templater.Pipeline.Tests.Support;

/// <summary>The README's one table of labels and variables is what the code does: every key is there, and every cell is what a render shows.</summary>
public sealed class SupportTests
{
    private const string Yes = "yes";
    private const string No = "no";
    private const string Partly = "partly";

    /// <summary>Keys of which other tests show that they are honoured, because they need more than a container.</summary>
    private static readonly Dictionary<string, string> ShownElsewhere = new(StringComparer.Ordinal)
    {
        ["traefik.docker.lbswarm"] = nameof(TraefikDialectTests.AServiceMayBeAddressedAsAWhole),
        ["traefik.swarm.lbswarm"] = nameof(TraefikDialectTests.AServiceMayBeAddressedAsAWhole),
    };

    /// <summary>Keys about certificates that are obtained: no file shows what they ask for, but tests of what is wanted do.</summary>
    private static bool IsAboutObtaining(string key) => key.StartsWith("templater.acme", StringComparison.Ordinal) || (EnvFilter.IsOfCompanion(key) && key != "ACME_HTTP_CHALLENGE_LOCATION");

    /// <summary>What is not done and not remarked on: most hosts of nginx-proxy have certificates from its companion, whose challenges are its own affair, and one label is about nginx.</summary>
    private static readonly string[] Unsaid =
    [
        .. EnvFilter.NginxProxyNames.Where(EnvFilter.IsOfCompanion), "ACME_HTTP_CHALLENGE_LOCATION", ProxyLabels.Proxy,
    ];

    private static readonly SupportRow[] Rows = SupportTable.Read();

    private static IEnumerable<string> Known() =>
    [
        .. NativeKeys.All.Select(static key => "templater." + Shown(key.Name)),
        .. StreamKeys.All.Select(static key => "templater.streams.NAME." + key.Name),
        .. DotegeLabels.Words.Select(static word => DotegeLabels.Prefix + (word == "headers" ? "headers*" : word)),
        .. EnvFilter.NginxProxyNames,
        .. ProxyLabels.Known,
    ];

    // A key that ends in a dot stands for all that begin with it.
    private static string Shown(string key) => !key.EndsWith('.') ? key : key + (key == "errors." ? "STATUS" : "NAME");

    [Test]
    public void EveryKeyThatIsReadIsListedOnceAndNoOther() => Assert.That(
        Rows.SelectMany(static row => row.Keys).Where(static key => !key.StartsWith("traefik.", StringComparison.Ordinal)), Is.EquivalentTo(Known()));

    [Test]
    public void EveryKeyHasASampleOrATest() => Assert.That(
        Rows.SelectMany(static row => row.Keys), Is.EquivalentTo(SupportSamples.All.Select(static sample => sample.Key).Concat(ShownElsewhere.Keys)));

    [Test]
    public void KeysThatFailClosedAreMarked()
    {
        var closing = NativeKeys.All.Where(static key => key.FailsClosed).Select(static key => "templater." + key.Name)
            .Concat(StreamKeys.All.Where(static key => key.FailsClosed).Select(static key => "templater.streams.NAME." + key.Name));
        Assert.That(Rows.SelectMany(static row => row.Marked), Is.EquivalentTo(closing));
    }

    [Test]
    public void EveryReservationHasItsReason()
    {
        foreach (var cell in Rows.SelectMany(static row => row.Cells))
            Assert.That(cell, Does.Match($"^({Yes}|({Partly}|{No}): [^ ].*)$"));
    }

    [Test]
    public void WhatOtherTestsShowIsDoneByAll()
    {
        foreach (var row in Rows.Where(static row => row.Keys.Any(ShownElsewhere.ContainsKey)))
            Assert.That(row.Cells, Is.All.EqualTo(Yes));
    }

    // AcmeLabelTests, WantedCertificatesTests.
    [Test]
    public void WhatIsObtainedIsForAllWhoObtainNothingThemselves()
    {
        foreach (var row in Rows.Where(static row => row.Keys.Any(IsAboutObtaining)))
            Assert.That(row.Cells.Select(static cell => cell.Split(':')[0]), Is.EqualTo(row.Keys.All(static key => key.StartsWith("templater.acme", StringComparison.Ordinal)) ? [Yes, Yes, No] : new[] { Partly, Partly, No }));
    }

    [TestCaseSource(typeof(SupportTable), nameof(SupportTable.Proxies))]
    public void EveryCellIsWhatBecomesOfItsKeys(string proxy)
    {
        using var stage = new SupportStage();
        var column = Array.IndexOf(SupportTable.Proxies, proxy);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (key, values) in SupportSamples.All.Where(static sample => !IsAboutObtaining(sample.Key)))
            {
                var shown = Rows.Single(row => row.Keys.Contains(key)).Cells[column];
                var (word, seen) = Judge(stage, key, values, proxy);
                Assert.That(shown.Split(':')[0], Is.EqualTo(word), () => $"{key}: {string.Join("; ", seen)}");
            }
        }
    }

    private static (string Word, List<string> Seen) Judge(SupportStage stage, string key, string[] values, string proxy)
    {
        var outcomes = new HashSet<Outcome>();
        var seen = new List<string>();
        foreach (var value in values)
        {
            foreach (var version in SupportStage.Versions(proxy))
            {
                var outcome = stage.Try(key, value, proxy, version, out var said);
                if (outcome == Outcome.Silent && Unsaid.Contains(key))
                    outcome = Outcome.Refused;
                outcomes.Add(outcome);
                seen.Add($"{value} in {version ?? "any version"} is {outcome} ({said})");
            }
        }

        var word = outcomes.Overlaps([Outcome.Silent, Outcome.Wrong]) ? "neither done nor refused"
            : outcomes.SetEquals([Outcome.Done]) ? Yes
            : outcomes.SetEquals([Outcome.Refused]) ? No : Partly;
        return (word, seen);
    }
}
