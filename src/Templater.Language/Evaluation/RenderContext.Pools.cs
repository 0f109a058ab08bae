namespace Templater.Language;

/// <summary>What a render needs again and again, kept instead of made anew. A failed render leaves some of it to the garbage collector.</summary>
internal sealed partial class RenderContext
{
    private const int FirstArguments = 64;
    private const int MostKeptArguments = 1024;
    private const int MostKeptFrames = 64;

    private readonly Stack<Frame> _frames = new();
    private readonly Stack<LoopObject> _loops = new();

    /// <summary>A frame for a call of a function; give it back with <see cref="ReturnFrame"/> when nobody can see it any more.</summary>
    /// <param name="body">What will run in it.</param>
    /// <param name="leastSlots">Slots that are needed even if the body has fewer.</param>
    public Frame RentFrame(Body body, int leastSlots)
    {
        var slots = Math.Max(body.SlotCount, leastSlots);
        if (!_frames.TryPop(out var frame))
            return new Frame(this, body, new TemplateValue[slots]);
        frame.Body = body;
        if (frame.Slots.Length < slots)
            frame.Slots = new TemplateValue[slots];
        return frame;
    }

    public void ReturnFrame(Frame frame)
    {
        if (frame.Slots.Length > MostKeptArguments)
            return;
        Array.Clear(frame.Slots);
        frame.Arguments = [];
        frame.Result = default;
        frame.Extra = null;
        _frames.Push(frame);
    }

    /// <summary>What <c>for</c> is in a loop; give it back with <see cref="ReturnLoop"/> if no template can have kept it.</summary>
    public LoopObject RentLoop(string name, long length)
    {
        if (!_loops.TryPop(out var loop))
            loop = new LoopObject(this);
        loop.Begin(name, length);
        return loop;
    }

    public void ReturnLoop(LoopObject loop)
    {
        // It must not hold on to the last item.
        loop.Begin("", 0);
        _loops.Push(loop);
    }

    /// <summary>Keeps no more than a usual render needs: what an unusual one has made large goes.</summary>
    private void Trim()
    {
        if (Arguments.Length > MostKeptArguments)
            Arguments = new TemplateValue[FirstArguments];
        if (Cycles.Capacity > MostKeptArguments)
            Cycles.TrimExcess();
        // Frames are as large as the largest body that had them.
        if (_frames.Count > MostKeptFrames)
            _frames.Clear();
        if (_loops.Count > MostKeptFrames)
            _loops.Clear();
        while (_freeBuffers.Count > MostKeptFrames)
            _freeBuffers.Pop();
        if (_scopes.Length > MostKeptArguments)
            _scopes = new ScopeEntry[MostKeptFrames];
    }
}
