using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching;

// How often one container, or whoever has its place, restarted.
public sealed partial class LifecycleWatch
{
    // The restarts of one identity within the window.
    private sealed class Runs
    {
        private readonly Queue<DateTimeOffset> _restarts = new();
        private DateTimeOffset _last;
        private bool _hasRun;

        public bool IsForgotten { get; private set; }

        /// <summary>Who ran here last, if it ended as it was told to.</summary>
        public ContainerId? Dismissed { get; set; }

        public void Add(ContainerId id, int starts, DateTimeOffset now)
        {
            if (Dismissed is { } dismissed && dismissed != id)
            {
                _restarts.Clear();
                _hasRun = false;
            }

            Dismissed = null;
            for (var i = 0; i < Math.Min(starts, MaxCounted + 1); i++)
            {
                if (_hasRun)
                    _restarts.Enqueue(now);
                _hasRun = true;
                if (_restarts.Count > MaxCounted)
                    _restarts.Dequeue();
            }

            _last = now;
        }

        // It runs since then.
        public void Resume(DateTimeOffset started)
        {
            if (!_hasRun)
                _last = started;
            _hasRun = true;
        }

        public void Forget(DateTimeOffset now)
        {
            // A clock that was set back leaves nobody out for longer than it would have been.
            while (_restarts.TryPeek(out var first) && (now - first >= Lifecycle.Window || first > now))
                _restarts.Dequeue();
            IsForgotten = now - _last >= Lifecycle.Window && _restarts.Count == 0;
        }

        public HoldDown? HoldAt(DateTimeOffset now)
        {
            if (_restarts.Count == 0)
                return null;
            return _last + Wait(_restarts.Count) is var until && until > now && until <= now + Lifecycle.MaxHold ? new HoldDown(until, _restarts.Count) : null;
        }
    }
}
