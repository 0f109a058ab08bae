namespace Templater.Language;

/// <summary>What <c>for</c>, <c>while</c> and <c>tablerow</c> are inside their loop.</summary>
internal sealed class LoopObject(RenderContext context) : TemplateObject
{
    private static readonly string[] Names = ["index", "rindex", "first", "last", "even", "odd", "length", "changed", "col", "col0", "col_first", "col_last"];

    private string _name = "";
    private TemplateValue _current;
    private TemplateValue _previous;

    public long Index { get; private set; }

    public long Length { get; private set; }

    public int Columns { get; set; }

    public override string TypeName => _name;

    public override int Count => Names.Length;

    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members
    {
        get
        {
            foreach (var member in Names)
                if (TryGet(member, out var value))
                    yield return new(TemplateValue.FromText(member), value);
        }
    }

    internal override bool HasFixedMembers => true;

    /// <summary>Makes it that of a new loop.</summary>
    /// <param name="name">The keyword of the loop.</param>
    /// <param name="length">Number of turns, or -1 when that is not known before.</param>
    public void Begin(string name, long length)
    {
        (_name, Length, Index, Columns) = (name, length, 0, 1);
        (_current, _previous) = (default, default);
    }

    public void Start(TemplateValue first) => _current = first;

    public void Advance(TemplateValue next)
    {
        Index++;
        _previous = _current;
        _current = next;
    }

    public override bool TryGet(string name, out TemplateValue value)
    {
        var hasLength = Length >= 0;
        value = name switch
        {
            "index" => TemplateValue.From(Index),
            "first" => TemplateValue.From(Index == 0),
            "even" => TemplateValue.From(Index % 2 == 0),
            "odd" => TemplateValue.From(Index % 2 != 0),
            "rindex" when hasLength => TemplateValue.From(Length - Index - 1),
            "last" when hasLength => TemplateValue.From(Index == Length - 1),
            "length" when hasLength => TemplateValue.From(Length),
            "changed" when hasLength => TemplateValue.From(Index == 0 || !Operators.AreSame(_previous, _current, context)),
            "col" when hasLength => TemplateValue.From(Index % Columns),
            _ => default,
        };
        return !value.IsUnset;
    }
}

/// <summary><c>for</c> and <c>tablerow</c>.</summary>
internal sealed class ForNode(ForNode.Parts parts) : StatementNode
{
    public sealed record Parts(ExpressionNode Source, BlockNode Body)
    {
        public ExpressionNode? Offset { get; init; }

        public ExpressionNode? Limit { get; init; }

        public ExpressionNode? Columns { get; init; }

        public bool IsReversed { get; init; }

        public bool IsTable { get; init; }

        public BlockNode? Else { get; init; }

        public int LoopSlot { get; init; }

        /// <summary>Whether the template uses the loop object as a value, which it may then keep.</summary>
        public bool IsLoopKept { get; init; }

        /// <summary>Slot of the loop variable; -1: it is assigned through <see cref="Target"/>.</summary>
        public int VariableSlot { get; init; } = -1;

        /// <summary>Name by which called functions and wrapped blocks see the variable.</summary>
        public int VariableName { get; init; } = NameTable.None;

        public AssignableNode? Target { get; init; }

        /// <summary>The keyword, where the loop is.</summary>
        public TextSpan Keyword { get; init; }

        /// <summary>About how much is done in a turn.</summary>
        public int Work { get; init; } = 1;

        /// <summary>An option that there is not, or that lacks its value.</summary>
        public TextSpan? WrongOption { get; init; }
    }

    public override Flow Execute(Frame frame)
    {
        var context = frame.Context;
        var source = parts.Source.Evaluate(frame);
        if (source.IsNull)
            return Flow.Next;
        var items = Sequence.Open(source, context, parts.Source.Span);
        if (parts.WrongOption is { } wrong)
            throw RuntimeErrors.LoopOption(wrong, context.Source.Slice(wrong));
        long first = 0;
        long count = items.Count;
        if (parts.Offset is not null)
        {
            first = Math.Clamp(Whole(parts.Offset, frame, "offset"), 0, count);
            count -= first;
        }
        // Order: offset, reversed, limit.
        var from = parts.IsReversed ? first + count - 1 : first;
        if (parts.Limit is not null)
        {
            var limit = Whole(parts.Limit, frame, "limit");
            count = limit <= 0 ? count : Math.Min(count, limit);
        }
        if (count == 0)
            return parts.Else?.Execute(frame) ?? Flow.Next;
        return Loop(frame, in items, from, count);
    }

    private static long Whole(ExpressionNode node, Frame frame, string what)
    {
        var value = node.Evaluate(frame);
        return value.IsNull ? 0 : Convert.TryToInteger(value, out var number) ? number : throw RuntimeErrors.NotNumber(node.Span, what, value);
    }

    private Flow Loop(Frame frame, in Sequence items, long from, long count)
    {
        var context = frame.Context;
        var step = parts.IsReversed ? -1 : 1;
        var loop = context.RentLoop(parts.IsTable ? "tablerow" : "for", count);
        if (parts.Columns is not null)
            loop.Columns = (int)Math.Clamp(Whole(parts.Columns, frame, "cols"), 1, int.MaxValue);
        else if (parts.IsTable)
            loop.Columns = 1;
        var outerLoop = frame.Slots[parts.LoopSlot];
        var outerValue = parts.VariableSlot >= 0 ? frame.Slots[parts.VariableSlot] : default;
        var (scopes, owner) = (context.ScopeCount, context.Owner);
        frame.Slots[parts.LoopSlot] = TemplateValue.From(loop);
        context.EnterLoop();
        if (parts.VariableName != NameTable.None)
            context.PushScope(new ScopeEntry { Kind = ScopeKind.Loop, Name = parts.VariableName, Frame = frame, Slot = parts.VariableSlot });
        var result = Flow.Next;
        for (long i = 0; i < count; i++)
        {
            context.CountIteration(parts.Keyword, parts.Work);
            var item = items[from + (i * step)];
            if (i == 0)
                loop.Start(item);
            else
                loop.Advance(item);
            Assign(frame, item);
            SetOwner(context, item, owner);
            var flow = RunBody(frame, loop, i == count - 1);
            if (flow == Flow.Break)
                break;
            if (flow == Flow.Return)
            {
                result = flow;
                break;
            }
        }
        context.LeaveLoop();
        context.PopScopes(scopes);
        if (!ReferenceEquals(context.Owner, owner))
            context.Owner = owner;
        frame.Slots[parts.LoopSlot] = outerLoop;
        if (!parts.IsLoopKept)
            context.ReturnLoop(loop);
        if (parts.VariableSlot >= 0)
            frame.Slots[parts.VariableSlot] = outerValue;
        return result;
    }

    private void Assign(Frame frame, TemplateValue item)
    {
        if (parts.VariableSlot >= 0)
            frame.Slots[parts.VariableSlot] = item.IsUnset ? TemplateValue.Null : item;
        else
            parts.Target!.Assign(frame, item);
    }

    private static void SetOwner(RenderContext context, TemplateValue item, TemplateObject? outer)
    {
        var owner = item.AsObject() is { IsOwner: true } own ? own : outer;
        if (!ReferenceEquals(context.Owner, owner))
            context.Owner = owner;
    }

    private Flow RunBody(Frame frame, LoopObject loop, bool isLast)
    {
        if (!parts.IsTable)
            return parts.Body.Execute(frame);
        var output = frame.Context.Output;
        var column = loop.Index % loop.Columns;
        if (column == 0)
        {
            output.Write("<tr class=\"row");
            output.Write((loop.Index / loop.Columns) + 1);
            output.Write("\">");
        }
        output.Write("<td class=\"col");
        output.Write(column + 1);
        output.Write("\">");
        var flow = parts.Body.Execute(frame);
        output.Write("</td>");
        if (column == loop.Columns - 1 || isLast || flow != Flow.Next)
            output.Write("</tr>\n");
        return flow;
    }
}
