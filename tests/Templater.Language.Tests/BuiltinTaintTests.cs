using System.Globalization;

namespace Templater.Language.Tests;

/// <summary>Every function of the language is called once with each text that it takes from a container: what it makes of it is tainted.</summary>
public sealed class BuiltinTaintTests
{
    // A function and its arguments, at least one row for each function. The texts of different arguments are different, so that the result tells whose it holds.
    private static readonly string[] Calls =
    [
        "array.add | ['ab', 'cd'] | 'xy'", "array.add_range | ['ab'] | ['xy']", "array.any | ['ab'] | @string.empty", "array.compact | ['ab', null]", "array.concat | ['ab'] | ['xy']",
        "array.contains | ['ab'] | 'xy'", "array.cycle | ['ab', 'cd'] | 'xy'", "array.each | ['ab'] | @string.upcase", "array.each | ['ab'] | null", "array.filter | ['ab'] | @string.upcase",
        "array.first | ['ab']", "array.insert_at | ['ab'] | 1 | 'xy'", "array.join | ['ab', 'cd'] | '-'", "array.join | ['ab', 'cd'] | '-' | @string.upcase", "array.last | ['ab']",
        "array.limit | ['ab', 'cd'] | 1", "array.map | [{a: 'xy'}] | 'a'", "array.map | {q: 1} | 'key'", "array.offset | ['ab', 'cd'] | 1", "array.remove_at | ['ab', 'cd'] | 0", "array.reverse | ['ab', 'cd']",
        "array.size | ['ab']", "array.sort | ['cd', 'ab']", "array.sort | [{m: 'cd'}, {m: 'ab'}] | 'm'", "array.uniq | ['ab', 'ab', 'cd']", "array.uniq | 'abab'", "array.reverse | 'abcd'", "array.first | {ab: 'cd'}",
        "date.add_days | d | 1", "date.add_hours | d | 1", "date.add_milliseconds | d | 1", "date.add_minutes | d | 1", "date.add_months | d | 1", "date.add_seconds | d | 1", "date.add_years | d | 1",
        "date.now", "date.utc_now", "date.parse | '2020-01-02' | '%Y-%m-%d' | 'en-US'", "date.parse_to_string | '2020-01-02' | '%F' | 'en-GB' | '%Y-%m-%d' | 'en-US'", "date.to_string | d | 'x%F' | 'en-US'",
        "html.escape | 'a<b'", "html.newline_to_br | \"a\nb\"", "html.strip | '<p>ab'", "html.url_encode | 'a b'", "html.url_escape | 'a b'",
        "math.abs | -1", "math.ceil | 1.5", "math.divided_by | 3 | 2", "math.floor | 1.5", "math.format | 1 | '000' | 'en-US'", "math.is_number | 'ab'", "math.minus | 3 | 2", "math.modulo | 3 | 2",
        "math.modulo | ['ab', 'cd'] | 2", "math.plus | 'ab' | 'xy'", "math.plus | ['ab'] | ['xy']", "math.plus | 1 | 'xy'", "math.random | 1 | 9", "math.round | 1.5 | 0", "math.times | 'ab' | 2", "math.times | ['ab'] | 2", "math.uuid",
        "object.default | 'ab' | 'xy'", "object.default | '' | 'xy'", "object.default | {ab: 1} | 'xy'", "object.eval | '\"ab\"'", "object.eval_template | 'ab{{ 1 }}'", "object.format | 1 | 'N2' | 'en-US'", "object.format | d | 'yyyy' | 'en-US'",
        "object.from_json | '{\"ab\": [\"cd\", 1]}'", "object.has_key | {ab: 'cd'} | 'xy'", "object.has_value | {ab: 'cd'} | 'xy'", "object.keys | {ab: 1}", "object.kind | 'ab'", "object.size | 'ab'", "object.to_json | {ab: ['cd']}",
        "object.typeof | 'ab'", "object.values | {ab: 'cd'}", "object.values | {q: {ab: 'cd'}}",
        "regex.escape | 'a.b'", "regex.match | 'abcd' | '(a)b' | 'i'", "regex.matches | 'abcd' | '(a)b' | 'i'", "regex.replace | 'abcd' | 'b' | 'xy' | 'i'", "regex.split | 'abcd' | 'b' | 'i'", "regex.unescape | 'a\\\\.b'",
        "string.append | 'ab' | 'xy'", "string.append | ['ab'] | {xy: 1}", "string.base64_decode | 'YWI='", "string.base64_encode | 'ab'", "string.capitalize | 'ab'", "string.capitalizewords | 'ab cd'", "string.contains | 'ab' | 'xy'",
        "string.downcase | 'AB'", "string.empty | 'ab'", "string.ends_with | 'ab' | 'xy'", "string.equals_ignore_case | 'ab' | 'xy'", "string.escape | 'a\"b'", "string.handleize | 'A B'", "string.hmac_sha1 | 'ab' | 'xy'",
        "string.hmac_sha256 | 'ab' | 'xy'", "string.hmac_sha512 | 'ab' | 'xy'", "string.index_of | 'ab' | 'xy' | 0 | 1 | 'Ordinal'", "string.literal | 'ab'", "string.lstrip | ' ab'", "string.md5 | 'ab'", "string.pad_left | 'ab' | 5",
        "string.pad_right | 'ab' | 5", "string.pluralize | 1 | 'ab' | 'xy'", "string.pluralize | 2 | 'ab' | 'xy'", "string.prepend | 'ab' | 'xy'", "string.remove | 'abcd' | 'b'", "string.remove_first | 'abcd' | 'b'", "string.remove_last | 'abcd' | 'b'",
        "string.replace | 'abcd' | 'b' | 'xy'", "string.replace_first | 'abcd' | 'b' | 'xy' | true", "string.rstrip | 'ab '", "string.sha1 | 'ab'", "string.sha256 | 'ab'", "string.sha512 | 'ab'", "string.size | 'ab'", "string.slice | 'abcd' | 1 | 2",
        "string.slice1 | 'abcd' | 1 | 2", "string.split | 'ab-cd' | '-'", "string.starts_with | 'ab' | 'xy'", "string.strip | ' ab '", "string.strip_newlines | \"a\nb\"", "string.upcase | 'ab'", "string.whitespace | 'ab'", "string.to_double | '1.5'", "string.to_float | '1.5'",
        "string.to_int | '1'", "string.to_long | '1'", "string.truncate | 'abcdefgh' | 5 | 'xy'", "string.truncatewords | 'ab cd ef' | 2 | 'xy'",
        "timespan.from_days | 1", "timespan.from_hours | 1", "timespan.from_milliseconds | 1", "timespan.from_minutes | 1", "timespan.from_seconds | 1", "timespan.parse | '01:00:00'", "timespan.zero",
        "include | 'part' | 'xy'", "include | 'named' | 'xy'", "include_join | ['part', 'part'] | 'xy' | 'be' | 'en'",
    ];

    private const string GivesNoText = "its result is true or false, a number, a date or a duration";
    private const string GivesAFixedWord = "its result is one of a few words of the language";
    private const string OnlyChooses = "the text decides what of the other arguments is the result, and is no part of it";

    // Which arguments never get into the result, and why. By name, with the number of the argument (from 1) where it is not all of them.
    private static readonly Dictionary<string, string> Excused = new(StringComparer.Ordinal)
    {
        ["array.any"] = GivesNoText,
        ["array.contains"] = GivesNoText,
        ["array.cycle 2"] = OnlyChooses,
        ["array.map 2"] = OnlyChooses,
        ["array.size"] = GivesNoText,
        ["array.sort 2"] = OnlyChooses,
        ["date.parse"] = GivesNoText,
        ["include 1"] = OnlyChooses,
        ["include_join 1"] = OnlyChooses,
        ["math.is_number"] = GivesNoText,
        ["object.has_key"] = GivesNoText,
        ["object.has_value"] = GivesNoText,
        ["object.kind"] = GivesAFixedWord,
        ["object.size"] = GivesNoText,
        ["object.typeof"] = GivesAFixedWord,
        ["string.contains"] = GivesNoText,
        ["string.empty"] = GivesNoText,
        ["string.ends_with"] = GivesNoText,
        ["string.equals_ignore_case"] = GivesNoText,
        ["string.index_of"] = GivesNoText,
        ["string.size"] = GivesNoText,
        ["string.starts_with"] = GivesNoText,
        ["string.whitespace"] = GivesNoText,
        ["string.to_double"] = GivesNoText,
        ["string.to_float"] = GivesNoText,
        ["string.to_int"] = GivesNoText,
        ["string.to_long"] = GivesNoText,
        ["timespan.parse"] = GivesNoText,
    };

    // In these rows the argument is not the one that the function takes.
    private static readonly HashSet<string> NotTaken = ["object.default | 'ab' | 'xy' : 2", "object.default | {ab: 1} | 'xy' : 2", "object.default | '' | 'xy' : 1", "string.pluralize | 1 | 'ab' | 'xy' : 3", "string.pluralize | 2 | 'ab' | 'xy' : 2"];

    private static readonly Dictionary<string, FunctionDefinition> All = Builtins.All.ToDictionary(function => function.Name);

    private static string[] Parts(string call) => call.Split(" | ");

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (var call in Calls)
            for (var i = 1; i < Parts(call).Length; i++)
                if (HasText(Evaluated(Parts(call)[i])))
                    yield return new TestCaseData(call, i).SetName($"{call} : {i}");
    }

    [TestCaseSource(nameof(Cases))]
    public void WhatItMakesOfATaintedTextIsTainted(string call, int argument)
    {
        var name = Parts(call)[0];
        var loss = Loss(call, argument, [], out var isTainted);
        var isExcused = Excused.ContainsKey(name) || Excused.ContainsKey($"{name} {argument}") || NotTaken.Contains($"{call} : {argument}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loss, Is.Null);
            Assert.That(isTainted, Is.EqualTo(!isExcused), isExcused ? "needs no excuse" : "loses the taint");
        }
    }

    // What the render refuses is found before.
    [TestCaseSource(nameof(Cases))]
    public void TheStaticCheckSaysSoToo(string call, int argument)
    {
        var parts = Parts(call);
        var values = parts.Skip(1).Select((part, i) => Evaluated(part) is var value && i + 1 == argument ? Tainted(value) : value).ToArray();
        var members = values.Select((value, i) => (Name: Invariant($"a{i + 1}"), Value: value)).Where((_, i) => !IsFunction(parts[i + 1])).ToArray();
        var root = new Shape("model", members.Select(member => new ShapeMember(member.Name, TypeOf(member.Value), "")));
        // The name of an include must be written for the check to follow it.
        var written = Written(call, (part, i) => IsFunction(part) || (parts[0] == "include" && i == 1) ? part : Invariant($"a{i}"));
        var parsed = Template.Parse(new SourceText("t", $"{{{{ {written} }}}}"), Options([]) with { Root = root, Format = "nginx" });
        var mistake = parsed.Template!.Render(new ShapedObject(root, [.. members.Select(member => member.Value)])).Error?.Diagnostic.Id;
        if (mistake == "unquoted-text")
            Assert.That(parsed.Diagnostics.Select(d => d.Id), Has.Some.EqualTo("unquoted-text"));
        else
            // Texts from containers are not run at all.
            Assert.That(mistake, parts[0].StartsWith("object.eval", StringComparison.Ordinal) ? Is.EqualTo("function-failed") : Is.Null);
    }

    // Some functions make only the first item where no other is wanted.
    [TestCaseSource(nameof(Cases))]
    public void TheFirstItemAloneIsTaintedToo(string call, int argument)
    {
        if (All[Parts(call)[0]].FirstItem is not null)
            Assert.That(Taints.Of(Evaluate(call, argument, [], list => $"{list} | array.first")), Is.EqualTo(Taint.Tainted));
    }

    [Test]
    public void EveryArgumentOfEveryFunctionHasARow()
    {
        var given = Calls.SelectMany(call => Enumerable.Range(1, Parts(call).Length - 1).Where(i => HasText(Evaluated(Parts(call)[i]))).Select(i => $"{Parts(call)[0]} {i}")).ToHashSet();
        // One of them takes numbers and dates only, the other hands on what the function gets.
        string[] hasNoText = ["object.format 1", "array.any 3"];
        var wanted = All.Values.SelectMany(function => function.Parameters.Select((parameter, i) => (parameter.Type, Key: $"{function.Name} {i + 1}")))
            .Where(parameter => parameter.Type is TemplateType.Text or TemplateType.Any or TemplateType.ListOf && !hasNoText.Contains(parameter.Key)).Select(parameter => parameter.Key);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Calls.Select(call => Parts(call)[0]).Distinct(), Is.EquivalentTo(All.Keys));
            Assert.That(wanted, Is.SubsetOf(given));
            Assert.That(Excused.Keys.Select(key => key.Split(' ')[0]), Is.SubsetOf(All.Keys));
            Assert.That(Calls.Where(call => Evaluate(call, 0, []) is var result && (result.IsNull || (!HasText(result) && !Excused.ContainsKey(Parts(call)[0]) && Cases().Any(c => c.Arguments[0] as string == call)))), Is.Empty, "calls that show nothing");
        }
    }

    // A text that comes by the function instead of the list.
    [TestCase("array.each [1] @secret")]
    [TestCase("array.join [1, 2] ',' @secret")]
    [TestCase("array.each [1] @(do; ret {a: taint('ab')}; end)")]
    public void WhatAFunctionGivesBackStaysTainted(string call)
    {
        TemplateValue seen = default;
        var options = Options([Probe(value => seen = value)]);
        var template = Template.Parse(new SourceText("t", $"{{{{ func secret(x); ret taint('ab'); end; r = {call}; probe r }}}}"), options).Template!;
        Assert.That(template.Render(new MapObject()).Error?.Diagnostic.Message, Is.Null);
        Assert.That(Taints.Of(seen), Is.EqualTo(Taint.Tainted));
    }

    // The test itself sees a function that loses taint, all of it or a part.
    [TestCase("lose | 'ab'", 1)]
    [TestCase("lose_one | ['ab', 'cd']", 1)]
    [TestCase("lose_name | {ab: 'cd'}", 1)]
    public void ALossIsSeen(string call, int argument)
    {
        Assert.That(Loss(call, argument, [Host("lose", c => TemplateValue.FromText(c.Text(0))),
            Host("lose_one", c => TemplateValue.From(new TemplateList([c[0].AsList()![0], TemplateValue.FromText(c[0].AsList()![1].AsText()!)]))),
            Host("lose_name", c => TemplateValue.From(new MapObject(c[0].AsObject()!.Members.Select(m => KeyValuePair.Create(m.Key.AsText()!, m.Value)))))], out _), Is.Not.Null);
    }

    // ---- calls

    /// <summary>A text of the argument that the result holds clean, or null. Texts that other arguments hold too do not count.</summary>
    private static string? Loss(string call, int argument, FunctionDefinition[] more, out bool isTainted)
    {
        var result = Evaluate(call, argument, more);
        isTainted = Texts(result).Any(text => text.Taint == Taint.Tainted);
        var others = Parts(call).Where((_, i) => i > 0 && i != argument).SelectMany(part => Texts(Evaluated(part))).Select(text => text.AsText()).ToHashSet();
        var own = Texts(Evaluated(Parts(call)[argument])).Select(text => text.AsText()!).Where(text => text.Length > 1 && !others.Contains(text)).ToList();
        return Texts(result).Where(text => text.Taint != Taint.Tainted).Select(text => text.AsText()!).FirstOrDefault(text => own.Exists(o => text.Contains(o, StringComparison.OrdinalIgnoreCase)));
    }

    private static string Written(string call, Func<string, int, string> argument)
    {
        var parts = Parts(call);
        var arguments = parts.Skip(1).Select((part, i) => argument(part, i + 1)).Select((part, i) => i == 1 && parts[1] == "'named'" ? "n: " + part : part);
        return $"{parts[0]}({string.Join(", ", arguments)})";
    }

    private static TemplateValue Evaluate(string call, int tainted, FunctionDefinition[] more, Func<string, string>? use = null)
    {
        TemplateValue seen = default;
        var written = Written(call, (part, i) => i == tainted ? $"taint({part})" : part);
        var options = Options([Probe(value => seen = value), .. more]);
        var parsed = Template.Parse(new SourceText("t", $"{{{{ d = date.parse '2020-01-02'; r = {use?.Invoke(written) ?? written}; probe r }}}}"), options);
        Assert.That(parsed.Template, Is.Not.Null, string.Join('\n', parsed.Diagnostics));
        var result = parsed.Template!.Render(new MapObject());
        Assert.That(result.Error?.Diagnostic.ToString(), Is.Null, call);
        return seen;
    }

    // A function as an argument holds no text.
    private static TemplateValue Evaluated(string expression) => IsFunction(expression) ? default : Evaluate($"same | {expression}", 0, [Host("same", c => c[0])]);

    private static bool IsFunction(string expression) => expression.StartsWith('@');

    private static LanguageOptions Options(FunctionDefinition[] more) => new() { Functions = [Host("taint", c => Tainted(c[0])), .. more], Loader = new Loader() };

    private static FunctionDefinition Host(string name, Func<FunctionCall, TemplateValue> body) => new()
    {
        Name = name,
        Documentation = name,
        Parameters = [new FunctionParameter("value", new TemplateType.Any())],
        Flow = TaintFlow.Explicit,
        Body = body,
    };

    private static FunctionDefinition Probe(Action<TemplateValue> see) => Host("probe", call =>
    {
        see(call[0]);
        return TemplateValue.Null;
    });

    private sealed class Loader : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => new(name, name == "named" ? "{{ $n }}" : "body{{ $1 }}");
    }

    // ---- values

    private static TemplateValue Tainted(TemplateValue value) => value.Reference switch
    {
        string text => TemplateValue.FromUntrusted(text),
        TemplateList list => TemplateValue.From(new TemplateList([.. list.Items.Select(Tainted)], isOwned: true)),
        MapObject map => TemplateValue.From(new MapObject(map.Members.Select(m => KeyValuePair.Create(m.Key.AsText()!, Tainted(m.Value))), untrustedKeys: true)),
        _ => value,
    };

    /// <summary>All texts in a value, names of members too.</summary>
    private static IEnumerable<TemplateValue> Texts(TemplateValue value) => value.Reference switch
    {
        string { Length: > 0 } => [value],
        TemplateList list => list.Items.SelectMany(Texts),
        PairObject pair => Texts(pair.Key).Concat(Texts(pair.Value)),
        TemplateObject target and not NamespaceObject => target.Members.SelectMany(member => Texts(member.Key).Concat(Texts(member.Value))),
        _ => [],
    };

    private static bool HasText(TemplateValue value) => Texts(value).Any();

    private static TemplateType TypeOf(TemplateValue value) => value.Reference switch
    {
        string => new TemplateType.Text(value.Taint == Taint.Tainted),
        TemplateList list => new TemplateType.ListOf(list.Items.Select(TypeOf).Aggregate(CheckedTypes.Join)),
        MapObject map => new TemplateType.MapOf(map.Members.Select(m => TypeOf(m.Value)).Aggregate(CheckedTypes.Join), map.Members.Any(m => m.Key.Taint == Taint.Tainted)),
        _ when value.IsDate => new TemplateType.Date(),
        _ when value.Kind == ValueKind.Boolean => new TemplateType.Boolean(),
        _ when value.IsNull => new TemplateType.Any { Nullable = true },
        _ => new TemplateType.Number(),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
