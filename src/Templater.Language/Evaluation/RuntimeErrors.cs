namespace Templater.Language;

/// <summary>The mistakes that show when a template runs; one method for each message.</summary>
internal static class RuntimeErrors
{
    /// <summary>How the hint of every limit begins: no setting changes one.</summary>
    public const string FixedLimit = "this limit is fixed: ";

    public static TemplateRuntimeException UnknownVariable(TextSpan span, string name, IEnumerable<string> known, Library? library = null, Shape? root = null)
    {
        string[] hints =
        [
            ForeignWords.HintInside(name),
            NearestName.Hint(name, known),
            root is null ? "" : MemberHints.ForVariable(name, root),
            library is null ? "" : FunctionHints.For(name, [], library),
            "write \"?? ...\" after it if it may be missing",
        ];
        return new TemplateRuntimeException("unknown-variable", $"\"{name}\" is not known", span, hints.First(static hint => hint.Length > 0)) { Subject = name };
    }

    public static TemplateRuntimeException UnknownFunction(TextSpan span, string name, IEnumerable<string> known, Library library) =>
        new("unknown-function", $"there is no function \"{name}\"", span, FunctionHints.For(name, known, library)) { Subject = name };

    public static TemplateRuntimeException UnknownMember(TextSpan span, string name, TemplateObject target) =>
        new("unknown-member", $"\"{name}\" is not a member of {target.TypeName}", span, Hint(name, target));

    private static string Hint(string name, TemplateObject target)
    {
        if (target is ShapedObject shaped)
            return MemberHints.For(name, shaped.Shape, null);
        if (NearestName.Hint(name, target.KnownNames) is { Length: > 0 } hint)
            return hint;
        return target.HasFixedMembers ? "" : $"write ?.{name} or [\"{name}\"] if it may be missing";
    }

    public static TemplateRuntimeException NoMembers(TextSpan span, string name, TemplateValue target) =>
        new("unknown-member", $"\"{name}\" is not a member of {ValueText.Describe(target)}", span, "");

    public static TemplateRuntimeException MemberOfNull(TextSpan span, string name, string target) =>
        new("member-of-null", $"cannot read \"{name}\": {target} is null", span, $"write ?.{name} if it may be null") { Subject = $"{target}.{name}" };

    public static TemplateRuntimeException IndexOfNull(TextSpan span, string target) =>
        new("member-of-null", $"cannot read an element: {target} is null", span, "write ?.[...] if it may be null");

    public static TemplateRuntimeException BadIndex(TextSpan span, TemplateValue target, TemplateValue key) =>
        new("bad-index", $"{ValueText.Describe(target)} has no element {ValueText.Describe(key)}", span);

    public static TemplateRuntimeException NotIterable(TextSpan span, TemplateValue value) =>
        new("not-iterable", $"a loop needs a list, an object or a text, not {ValueText.Describe(value)}", span);

    public static TemplateRuntimeException OutsideLoop(TextSpan span, string keyword) => new("outside-loop", $"\"{keyword}\" is only allowed inside a loop", span);

    public static TemplateRuntimeException LoopOption(TextSpan span, string name) =>
        new("unknown-loop-option", $"\"{name}\" is not an option of this loop, or lacks its value", span, NearestName.Hint(name, ["offset", "limit", "reversed", "cols"]));

    public static TemplateRuntimeException NoResult(TextSpan span, string function) =>
        new("no-result", $"{function} writes text and has no result: it is no part of an expression", span, "give its result by \"ret\", or call it as a statement of its own");

    public static TemplateRuntimeException NotCallable(TextSpan span, string text, TemplateValue value) =>
        new("not-a-function", $"\"{text}\" is {ValueText.Describe(value)}, not a function", span);

    public static TemplateRuntimeException ArgumentCount(TextSpan span, string function, string signature, int given) =>
        new("argument-count", $"{function} cannot take {given} argument{(given == 1 ? "" : "s")}", span, CalledAs + signature) { Subject = function };

    internal const string CalledAs = "it is called as ";

    public static TemplateRuntimeException UnknownArgument(TextSpan span, string function, string name, IEnumerable<string> known) =>
        new("unknown-argument", $"{function} has no parameter \"{name}\"", span, Parameters(name, known));

    private static string Parameters(string name, IEnumerable<string> known) =>
        NearestName.Hint(name, known) is { Length: > 0 } near ? near : "its parameters are " + string.Join(", ", known);

    public static TemplateRuntimeException Operator(TextSpan span, BinaryOperator op, TemplateValue left, TemplateValue right) =>
        new("bad-operands", $"\"{SyntaxFacts.Text(op)}\" cannot be used between {ValueText.Describe(left)} and {ValueText.Describe(right)}", span,
            op == BinaryOperator.Add && left.Kind == ValueKind.List ? "a list is joined to a list; write list << item to append one item" : "");

    public static TemplateRuntimeException RepeatCount(TextSpan span, TemplateValue times) =>
        new("bad-operands", $"a text cannot be repeated {ValueText.Describe(times)} times", span, "\"*\" repeats a text a whole number of times");

    public static TemplateRuntimeException UnaryOperator(TextSpan span, string op, TemplateValue value) =>
        new("bad-operands", $"\"{op}\" cannot be used with {ValueText.Describe(value)}", span);

    public static TemplateRuntimeException DivideByZero(TextSpan span) => new("divide-by-zero", "cannot divide by zero", span);

    public static TemplateRuntimeException Overflow(TextSpan span) => new("number-too-big", "the result does not fit a number", span);

    public static TemplateRuntimeException NotNumber(TextSpan span, string what, TemplateValue value) =>
        new("wrong-type", $"{what} must be a whole number, not {ValueText.Describe(value)}", span);

    public static TemplateRuntimeException ReadOnlyVariable(TextSpan span, string name) => new("read-only", $"\"{name}\" is read-only", span);

    public static TemplateRuntimeException ReadOnlyValue(TextSpan span, TemplateValue target) =>
        new("read-only", $"{ValueText.Describe(target)} cannot be changed: it is part of the model", span, "make a copy, or use a variable");

    public static TemplateRuntimeException CannotAssign(TextSpan span, TemplateValue target) =>
        new("not-assignable", $"cannot set a member of {ValueText.Describe(target)}", span);

    public static TemplateRuntimeException Tainted(TextSpan span, string expression, string format, IEnumerable<string> quoting)
    {
        var functions = string.Join(", ", quoting.Order(StringComparer.Ordinal));
        return new TemplateRuntimeException("unquoted-text", $"\"{expression}\" holds text from a container and is not quoted for {format}", span,
            functions.Length == 0 ? $"there is no quoting function for {format}" : $"quote it with one of: {functions}");
    }

    public static TemplateRuntimeException IncludeMissing(TextSpan span, string name, bool hasLoader) =>
        new("unknown-include", $"there is no template \"{name}\"", span, hasLoader ? "included files lie beside the template, or in the include directory" : "this template cannot include others");

    // ---- limits: they are part of the language, so each says how to do with less

    public static TemplateRuntimeException LoopLimit(TextSpan? span, long limit) =>
        Limit("limit-loop", $"more than {limit} loop turns", "loop over less, or end the loop with break", span);

    public static TemplateRuntimeException RecursionLimit(TextSpan span, int limit) =>
        Limit("limit-recursion", $"calls and includes are more than {limit} levels deep", "use a loop, or let the function or include end before it calls itself again", span);

    public static TemplateRuntimeException OutOfStack() =>
        Limit("limit-recursion", "calls, includes, blocks and expressions within each other need more stack than there is", "nest less of them in each other", null);

    public static TemplateRuntimeException OutputTooLong(int limit) =>
        Limit("limit-output", $"the output has more than {limit} characters", "print less, or divide it among several outputs", null);

    public static TemplateRuntimeException StringTooLong(int limit, TextSpan? span) =>
        Limit("limit-string", $"a text has more than {limit} characters", "print its parts one by one instead of joining them", span);

    public static TemplateRuntimeException RegexTime(TextSpan span, TimeSpan limit) =>
        Limit("limit-regex-time", $"the regular expression took longer than {limit.TotalSeconds} s", "write it without repetitions inside repetitions", span);

    public static TemplateRuntimeException WallTime(TimeSpan limit) =>
        Limit("limit-wall-time", $"the render took longer than {limit.TotalSeconds} s", "avoid loops over everything inside loops over everything", null);

    public static TemplateRuntimeException Memory(long limit) =>
        Limit("limit-memory", $"the texts, lists and objects that the template makes take more than {limit} bytes", "make less of them inside loops, and print texts instead of joining them", null);

    public static TemplateRuntimeException ValueTooDeep(int depth = RenderLimits.ValueDepth) =>
        Limit("limit-value-depth", $"a value is nested more than {depth} levels deep", "use one of its members, and see that it does not contain itself", null);

    public static TemplateRuntimeException ListTooLong(TextSpan? span) =>
        Limit("limit-list", $"a list has more than {RenderLimits.ListItems} items", "use the items one by one instead of collecting them", span);

    public static TemplateRuntimeException PatternTooLong(TextSpan span) =>
        Limit("limit-regex", $"a regular expression has more than {RenderLimits.PatternCharacters} characters", "use several shorter ones", span);

    public static TemplateRuntimeException SearchTooLong(TextSpan span) =>
        Limit("limit-search", $"the lengths of a text and of what is looked for in it multiply to more than {RenderLimits.SearchSteps}", "look for a shorter text, or in parts of the text", span);

    private static TemplateRuntimeException Limit(string id, string message, string wayOut, TextSpan? span) =>
        new(id, message, span, FixedLimit + wayOut);

}
