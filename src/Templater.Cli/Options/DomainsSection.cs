using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>Reads <c>domains:</c> with names of projects: which of them may claim which domains.</summary>
internal static class DomainsSection
{
    private const string Others = "*";

    /// <summary>The word for everything.</summary>
    public static readonly SettingType<ImmutableArray<AllowedDomain>> Type = SettingTypes.OfValue<ImmutableArray<AllowedDomain>>(
        AllowedDomain.Legal, static text => AllowedDomain.Parse(SettingTypes.Words(text)));

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="problems">Where mistakes go.</param>
    public static DomainPolicy Read(YamlNode.Mapping section, SettingsProblems problems)
    {
        ImmutableArray<AllowedDomain> others = [];
        var projects = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<AllowedDomain>>(StringComparer.Ordinal);
        foreach (var (key, value) in section.Entries)
        {
            if (TextOf(value) is { } text && AllowedDomain.Parse(SettingTypes.Words(text)) is { } domains)
            {
                if (key.Text == Others)
                    others = domains;
                else
                    projects[key.Text!] = domains;
            }
            else
                problems.Add($"{value.Place}: domains.{VisibleText.Of(key.Text!)}: {AllowedDomain.Legal} was expected.", EngineSettings.Domains.Path);
        }

        return new DomainPolicy { Others = others, Projects = projects.ToImmutable() };
    }

    private static string? TextOf(YamlNode value) => value switch
    {
        YamlNode.Scalar scalar => scalar.Text ?? "",
        YamlNode.Sequence sequence when sequence.Items.All(static item => item is YamlNode.Scalar) => string.Join(',', sequence.Items.Select(static item => ((YamlNode.Scalar)item).Text)),
        _ => null,
    };
}
