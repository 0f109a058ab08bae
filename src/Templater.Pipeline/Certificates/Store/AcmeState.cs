using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>What is remembered of CAs in the folder <c>acme</c> of the state directory. Thread-safe; several processes may share it.</summary>
public sealed class AcmeState
{
    /// <summary>Opens it; nothing is read yet.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notice">Is told of files that cannot be understood and were put aside; from any thread.</param>
    public AcmeState(StateDirectory directory, TimeProvider time, Action<Finding>? notice = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var gate = new StoreGate(directory["acme/lock"], time);
        Accounts = new AccountStore(directory, gate, notice);
        Orders = new OrderStore(directory, gate, time, notice);
        History = new OrderHistory(directory, gate, time, notice);
    }

    /// <summary>Accounts at CAs.</summary>
    public AccountStore Accounts { get; }

    /// <summary>Orders that are under way.</summary>
    public OrderStore Orders { get; }

    /// <summary>What became of others.</summary>
    public OrderHistory History { get; }
}
