namespace Templater.Pipeline.Deployment.Isolation;

/// <summary>
/// Finds the first of several suspects with whom a configuration is refused, by halving: the last of the shortest refused prefix
/// is guilty. Whoever comes earlier in the order is trusted more, so of two that clash the later one loses. At most
/// <c>ceil(log2 n) + 1</c> trials for n suspects. Not thread-safe.
/// </summary>
public sealed class PrefixSearch
{
    private int _accepted;
    private int _refused;

    /// <summary>Begins with all suspects refused together.</summary>
    /// <param name="suspects">How many there are; not negative.</param>
    /// <param name="accepted">How many of the first are known to be accepted together; null when not even the rest without any of them was tried.</param>
    public PrefixSearch(int suspects, int? accepted = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(suspects);
        if (accepted is { } known)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(known, nameof(accepted));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(known, suspects, nameof(accepted));
        }

        _accepted = accepted ?? -1;
        _refused = suspects;
    }

    /// <summary>True when nothing is left to try.</summary>
    public bool IsOver => _refused - _accepted <= 1;

    /// <summary>How many of the first suspects are to be tried next, the others left out; meaningless when it is over.</summary>
    public int Trial => _accepted < 0 ? 0 : _accepted + ((_refused - _accepted) / 2);

    /// <summary>Index of the guilty one; null while it is not known, and when the rest is refused without any suspect.</summary>
    public int? Guilty => IsOver && _refused > 0 ? _refused - 1 : null;

    /// <summary>How many of the first suspects are known to be accepted together; null when that was not tried.</summary>
    public int? Accepted => _accepted < 0 ? null : _accepted;

    /// <summary>Notes what came of <see cref="Trial"/>.</summary>
    /// <param name="isAccepted">True when it was accepted.</param>
    /// <exception cref="InvalidOperationException">It is over.</exception>
    public void Note(bool isAccepted)
    {
        if (IsOver)
            throw new InvalidOperationException("the search is over");
        if (isAccepted)
            _accepted = Trial;
        else
            _refused = Trial;
    }
}
