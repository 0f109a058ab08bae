using System.Collections.Immutable;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>
/// Reads the rule of a router: <c>Host(`a`, `b`)</c> and <c>PathPrefix(`/p`)</c> with <c>&amp;&amp;</c>, <c>||</c> and parentheses, into the
/// ways to fulfil it. Never throws; a rule with anything else is no rule.
/// </summary>
internal sealed class RuleReader
{
    /// <summary>Most ways to fulfil one rule.</summary>
    public const int MaxTerms = 50;

    private const int MaxDepth = 32;
    private const string Supported = "only Host and PathPrefix with &&, || and parentheses are";

    private readonly string _rule;
    private int _at;
    private int _depth;
    private RuleProblem? _problem;

    private RuleReader(string rule) => _rule = rule;

    /// <summary>Reads a rule.</summary>
    /// <param name="rule">The text, at most <see cref="Untrusted.MaxValueBytes"/> bytes.</param>
    /// <param name="problem">Why it cannot be honoured; null when it can.</param>
    /// <returns>The ways to fulfil it, in its order; empty when there is a problem.</returns>
    public static ImmutableArray<RuleTerm> Read(string rule, out RuleProblem? problem)
    {
        var reader = new RuleReader(rule);
        var terms = reader.ReadAny();
        if (reader._problem is null && reader.Peek() != '\0')
            reader.Unexpected();
        if (reader._problem is null && terms.Length == 0)
            reader.Fail(ReasonIds.InvalidValue, "no request can fulfil it");
        if (reader._problem is null && terms.Any(static term => term.Hosts is null))
            reader.Fail(ReasonIds.InvalidHost, "it names no host for some requests; add Host(`…`)");
        problem = reader._problem;
        return problem is null ? terms : [];
    }

    private ImmutableArray<RuleTerm> ReadAny()
    {
        var terms = ReadAll();
        while (_problem is null && Take("||"))
            terms = Bounded([.. terms, .. ReadAll()]);
        return terms;
    }

    private ImmutableArray<RuleTerm> ReadAll()
    {
        var terms = ReadOne();
        while (_problem is null && Take("&&"))
        {
            var others = ReadOne();
            var both = ImmutableArray.CreateBuilder<RuleTerm>();
            foreach (var term in terms)
                foreach (var other in others)
                    if (term.And(other) is { } joined)
                        both.Add(joined);
            terms = Bounded(both.ToImmutable());
        }

        return terms;
    }

    private ImmutableArray<RuleTerm> ReadOne()
    {
        var next = Peek();
        if (next == '!')
            return Fail(ReasonIds.UnsupportedOption, $"! is not supported, {Supported}");
        if (next != '(')
            return char.IsAsciiLetter(next) ? ReadMatcher() : Unexpected();
        if (++_depth > MaxDepth)
            return Fail(ReasonIds.InvalidValue, $"it has more than {MaxDepth} parentheses within each other");
        _at++;
        var terms = ReadAny();
        _depth--;
        return _problem is null && !Take(")") ? Unexpected() : terms;
    }

    private ImmutableArray<RuleTerm> ReadMatcher()
    {
        var start = _at;
        while (_at < _rule.Length && char.IsAsciiLetterOrDigit(_rule[_at]))
            _at++;
        var name = _rule[start.._at];
        var isHost = name.Equals("Host", StringComparison.OrdinalIgnoreCase);
        if (!isHost && !name.Equals("PathPrefix", StringComparison.OrdinalIgnoreCase))
            return Fail(ReasonIds.UnsupportedOption, $"{Untrusted.Shown(name)} is not supported, {Supported}");
        var words = ReadWords();
        if (_problem is not null)
            return [];
        return isHost ? ReadHosts(words) : [.. words.Select(ReadPath).OfType<RuleTerm>()];
    }

    private ImmutableArray<RuleTerm> ReadHosts(List<string> words)
    {
        var hosts = ImmutableArray.CreateBuilder<HostPattern>();
        foreach (var word in words)
        {
            if (!HostPatternParser.TryParse(word, out var host, out var complaint) || host.Match is not (HostMatch.Exact or HostMatch.Ip))
                return Fail(ReasonIds.InvalidHost, $"Host(`{Untrusted.Shown(word)}`): {(complaint.Length > 0 ? complaint : "a plain host name was expected")}");
            if (!hosts.Contains(host))
                hosts.Add(host);
        }

        return [new RuleTerm(hosts.ToImmutable(), null)];
    }

    private RuleTerm? ReadPath(string word)
    {
        // Braces were expressions in Traefik 2.
        if (!PathPatternParser.TryParseRawPrefix(word, out var path) || word.AsSpan().ContainsAny('{', '}'))
            Fail(ReasonIds.InvalidPath, $"PathPrefix(`{Untrusted.Shown(word)}`): a path that begins with /, decoded and without empty or dot segments, was expected");
        return new RuleTerm(null, path.Text == "/" ? null : path.Text);
    }

    private List<string> ReadWords()
    {
        var words = new List<string>();
        if (!Take("("))
            Unexpected();
        while (_problem is null)
        {
            words.Add(ReadWord());
            if (_problem is null && Take(")"))
                break;
            if (_problem is null && !Take(","))
                Unexpected();
        }

        return words;
    }

    private string ReadWord()
    {
        var quote = Peek();
        var end = quote is '`' or '"' ? _rule.IndexOf(quote, _at + 1) : -1;
        if (end < 0 || (quote == '"' && _rule.AsSpan(_at, end - _at).Contains('\\')))
        {
            Unexpected();
            return "";
        }

        var word = _rule[(_at + 1)..end];
        _at = end + 1;
        return word;
    }

    /// <summary>The next sign that is no white space; NUL at the end.</summary>
    private char Peek()
    {
        while (_at < _rule.Length && char.IsWhiteSpace(_rule[_at]))
            _at++;
        return _at < _rule.Length ? _rule[_at] : '\0';
    }

    private bool Take(string sign)
    {
        Peek();
        if (string.CompareOrdinal(_rule, _at, sign, 0, sign.Length) != 0)
            return false;
        _at += sign.Length;
        return true;
    }

    private ImmutableArray<RuleTerm> Bounded(ImmutableArray<RuleTerm> terms) =>
        terms.Length <= MaxTerms ? terms : Fail(ReasonIds.InvalidValue, $"it can be fulfilled in more than {MaxTerms} ways");

    private ImmutableArray<RuleTerm> Unexpected() => Fail(
        ReasonIds.InvalidValue,
        _at >= _rule.Length ? "it ends too early" : $"{Untrusted.Shown(_rule[_at..Math.Min(_rule.Length, _at + 10)])} was not expected at place {_at + 1}");

    private ImmutableArray<RuleTerm> Fail(string reason, string text)
    {
        _problem ??= new RuleProblem(reason, text);
        return [];
    }
}
