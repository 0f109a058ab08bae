using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Labels;

/// <summary>Collects what is to be said about one container.</summary>
internal sealed class ContainerFindings(Container container)
{
    private readonly List<Finding> _items = [];

    /// <summary>The container's name in quotes, safe to print.</summary>
    public string Name { get; } = $"\"{Untrusted.Shown(container.Name)}\"";

    /// <summary>How many labels were not known, named or not.</summary>
    public int UnknownLabels { get; set; }

    /// <summary>What was collected, each finding once.</summary>
    public IEnumerable<Finding> Items => _items.Distinct();

    /// <summary>Adds a warning.</summary>
    public void Warn(string reason, string message, string? label = null, string? value = null, string? host = null) =>
        Add(FindingSeverity.Warning, reason, message, label, value, host);

    /// <summary>Adds a finding as it is, but for whom it is about.</summary>
    public void Add(Finding finding) => _items.Add(finding with { Container = container.Name });

    /// <summary>Adds a finding.</summary>
    public void Add(
        FindingSeverity severity, string reason, string message, string? label = null, string? value = null, string? host = null) =>
        _items.Add(new Finding(severity, reason, message)
        {
            Container = container.Name,
            Host = host,
            Label = label,
            Value = value is null ? null : Untrusted.Shown(value),
        });
}
