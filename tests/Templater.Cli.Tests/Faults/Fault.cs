namespace Templater.Cli.Tests.Faults;

/// <summary>A row of the matrix: one thing that is wrong, and what becomes of it beside each proxy.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Begin">Makes it.</param>
/// <param name="End">Takes it away.</param>
internal sealed record Fault(string Name, Func<FaultSite, Task> Begin, Func<FaultSite, Task> End)
{
    /// <summary>
    /// What the status says while it lasts, by the kind of proxy: all of these words. <c>{root}</c> and <c>{proxy}</c> stand for the
    /// directory and the program. A kind that is missing here has <see cref="Impossible"/>.
    /// </summary>
    public required IReadOnlyDictionary<string, string[]> Told { get; init; }

    /// <summary>Why there is no such fault beside a kind of proxy.</summary>
    public IReadOnlyDictionary<string, string> Impossible { get; init; } = new Dictionary<string, string>();

    /// <summary>What is served while it lasts.</summary>
    public FaultService Service { get; init; } = FaultService.Former;

    /// <summary>Further settings; <c>{0}</c> stands for the site's directory.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The template that makes it asks for another generation too.</summary>
    public bool IsInTemplate { get; init; }

    /// <summary>The proxy runs as another user than the program.</summary>
    public bool IsUnprivileged { get; init; }

    /// <summary>What is told of it is told until the next generation.</summary>
    public bool IsToldUntilNext { get; init; }

    /// <summary>Runs in the full tier alone, beside the others that take as long.</summary>
    public bool IsLong { get; init; }
}

/// <summary>What is served, and lies on disk, while a fault lasts.</summary>
internal enum FaultService
{
    /// <summary>What was live before it.</summary>
    Former,

    /// <summary>What was live before it, while the file is what is wanted already.</summary>
    FormerOfNewFile,

    /// <summary>What is wanted.</summary>
    Wanted,

    /// <summary>Nothing: no proxy runs.</summary>
    Nothing,
}
