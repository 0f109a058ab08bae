using System.Collections.Immutable;
using System.Globalization;
using Templater.Language;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Dotege;

/// <summary>The vocabulary of Dotege and centauri-docker-confd, and what is said about labels that are no part of it.</summary>
internal static class DotegeLabels
{
    /// <summary>What all keys begin with.</summary>
    public const string Prefix = "com.chameth.";

    /// <summary>The names of the host.</summary>
    public const string Host = Prefix + "vhost";

    /// <summary>The port.</summary>
    public const string Port = Prefix + "proxy";

    /// <summary>The instance that serves the container.</summary>
    public const string Tag = Prefix + "proxytag";

    /// <summary>The groups whose users may log in.</summary>
    public const string Auth = Prefix + "auth";

    /// <summary>Who makes the host's certificate, in Centauri.</summary>
    public const string Provider = Prefix + "provider";

    /// <summary>The names of that certificate.</summary>
    public const string Subject = Prefix + "subject";

    /// <summary>A route for each name.</summary>
    public const string Split = Prefix + "splithosts";

    /// <summary>What labels with a header begin with.</summary>
    public const string HeaderStart = Prefix + "headers";

    /// <summary>What labels with an error page begin with.</summary>
    public const string ErrorStart = Prefix + "errors.";

    /// <summary>Every key, without what all begin with.</summary>
    public static readonly ImmutableArray<string> Words = ["vhost", "proxy", "proxytag", "auth", "provider", "subject", "splithosts", "headers", "errors.STATUS"];

    /// <summary>Reports the labels that are not known.</summary>
    /// <param name="container">The container.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <returns>Why the container must not be routed, when one of them was meant to close something.</returns>
    public static Refusal? Examine(Container container, ContainerFindings findings)
    {
        Refusal? refusal = null;
        foreach (var (label, value) in container.Labels)
        {
            if (label.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && !IsKnown(label))
                refusal = Refusal.Graver(refusal, Unknown(label, value, findings));
        }

        if (findings.UnknownLabels > VocabularyCheck.MaxUnknown)
        {
            var more = (findings.UnknownLabels - VocabularyCheck.MaxUnknown).ToString(CultureInfo.InvariantCulture);
            findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name}: {more} more labels under com.chameth are not known. They have no effect.");
        }

        return refusal;
    }

    private static bool IsKnown(string label) =>
        label is Host or Port or Tag or Auth or Provider or Subject or Split
        || label.StartsWith(HeaderStart, StringComparison.Ordinal)
        || label.StartsWith(ErrorStart, StringComparison.Ordinal);

    private static Refusal? Unknown(string label, string value, ContainerFindings findings)
    {
        var isNamed = ++findings.UnknownLabels <= VocabularyCheck.MaxUnknown;
        // Only a known key in the wrong case is surely meant.
        var key = label[Prefix.Length..].ToLowerInvariant();
        var isClosing = MisspeltRestriction.IsMeant(key, value);
        if (!isNamed && !isClosing)
            return null;
        var hint = Words.Contains(key, StringComparer.Ordinal) ? $"; did you mean {Prefix}{key}?"
            : NearestName.Find(key, Words) is { } nearest ? $"; did you mean {Prefix}{nearest}?" : ".";
        var what = $"{Untrusted.Shown(label)} is not known{hint}";
        if (!isClosing)
        {
            findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name}: {what} It has no effect.", label);
            return null;
        }

        var detail = $"{what} Serving the host without it could open what it was meant to close.";
        findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name} is not routed: {detail}", label);
        return new Refusal(ReasonIds.UnknownLabel, detail) { Closes = Closure.Place };
    }
}
