using Templater.Acme;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>Counts the orders of one attempt at a certificate, as their journal is told of them. Not thread-safe: an attempt is one after the other.</summary>
/// <param name="journal">Keeps them.</param>
/// <param name="isGoneOn">Whether the attempt goes on with an order of before.</param>
internal sealed class OrderTally(IOrderJournal journal, bool isGoneOn) : IOrderJournal
{
    private int _orders = isGoneOn ? 1 : 0;
    private bool _isKept = isGoneOn;

    /// <summary>True when the last order was asked for and is not there: it was refused, failed, or could not be kept.</summary>
    public bool HasNone => _orders > 0 && !_isKept;

    /// <summary>How many came to their end. One that can be gone on with counts when it ends.</summary>
    /// <param name="isOver">Whether nothing comes of the last one any more.</param>
    public int Ended(bool isOver) => _isKept && !isOver ? _orders - 1 : _orders;

    /// <inheritdoc/>
    public void Ordered()
    {
        _orders++;
        _isKept = false;
        journal.Ordered();
    }

    /// <inheritdoc/>
    public async Task KeepAsync(PendingOrder order, CancellationToken cancellationToken)
    {
        await journal.KeepAsync(order, cancellationToken);
        _isKept = true;
    }
}
