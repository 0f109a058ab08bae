using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Routing.Dialects.Traefik;

namespace Templater.Pipeline.Tests.Routing.Traefik;

/// <summary>Rules of Traefik's routers: what is read, what is refused, and that nothing else happens.</summary>
public sealed class RuleReaderTests
{
    [TestCase("Host(`a.example.com`)", "a.example.com *")]
    [TestCase("Host(\"a.example.com\")", "a.example.com *")]
    [TestCase(" host ( `A.Example.COM.` ) ", "a.example.com *")]
    [TestCase("Host(`192.0.2.1`)", "192.0.2.1 *")]
    [TestCase("Host(`a.example.com`, `b.example.com`)", "a.example.com b.example.com *")]
    [TestCase("Host(`a.example.com`,`a.example.com`)", "a.example.com *")]
    [TestCase("Host(`bücher.example.com`)", "xn--bcher-kva.example.com *")]
    [TestCase("Host(`a.example.com`) || Host(`b.example.com`)", "a.example.com *; b.example.com *")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/api`)", "a.example.com /api")]
    [TestCase("PathPrefix(`/api/`) && Host(`a.example.com`)", "a.example.com /api/")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/`)", "a.example.com *")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/a`, `/b`)", "a.example.com /a; a.example.com /b")]
    [TestCase("Host(`a.example.com`) && (PathPrefix(`/a`) || PathPrefix(`/b`))", "a.example.com /a; a.example.com /b")]
    [TestCase("(Host(`a.example.com`) || Host(`b.example.com`)) && PathPrefix(`/a`)", "a.example.com /a; b.example.com /a")]
    [TestCase("Host(`a.example.com`) || Host(`b.example.com`) && PathPrefix(`/a`)", "a.example.com *; b.example.com /a")]
    [TestCase("Host(`a.example.com`, `b.example.com`) && Host(`b.example.com`, `c.example.com`)", "b.example.com *")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/a`) && PathPrefix(`/a/b`)", "a.example.com /a/b")]
    [TestCase("Host(`a.example.com`) && (PathPrefix(`/a`) || Host(`b.example.com`))", "a.example.com /a")]
    [TestCase("((((Host(`a.example.com`)))))", "a.example.com *")]
    public void ReadsARule(string rule, string expected)
    {
        var terms = RuleReader.Read(rule, out var problem);
        Assert.That(problem, Is.Null);
        Assert.That(string.Join("; ", terms.Select(static term => $"{string.Join(' ', term.Hosts!.Value)} {term.Path ?? "*"}")), Is.EqualTo(expected));
    }

    [TestCase("", "it ends too early")]
    [TestCase("Host", "it ends too early")]
    [TestCase("Host(", "it ends too early")]
    [TestCase("Host()", "was not expected")]
    [TestCase("Host(`a.example.com`", "it ends too early")]
    [TestCase("Host(`a.example.com", "was not expected")]
    [TestCase("Host(`a.example.com`,)", "was not expected")]
    [TestCase("Host('a.example.com')", "was not expected")]
    [TestCase("Host(\"a\\\"b\")", "was not expected")]
    [TestCase("Host(a.example.com)", "was not expected")]
    [TestCase("Host(`a.example.com`) Host(`b.example.com`)", "was not expected at place 23")]
    [TestCase("Host(`a.example.com`))", "was not expected")]
    [TestCase("Host(`a.example.com`) &&", "it ends too early")]
    [TestCase("Host(`a.example.com`) & PathPrefix(`/a`)", "was not expected")]
    [TestCase("|| Host(`a.example.com`)", "was not expected")]
    [TestCase("a.example.com", "a is not supported")]
    [TestCase("!Host(`a.example.com`)", "! is not supported")]
    [TestCase("Host(`a.example.com`) && !PathPrefix(`/a`)", "! is not supported")]
    [TestCase("PathPrefix(`/a`)", "names no host")]
    [TestCase("Host(`a.example.com`) || PathPrefix(`/a`)", "names no host")]
    [TestCase("Host(`a.example.com`) && Host(`b.example.com`)", "no request can fulfil it")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/a`) && PathPrefix(`/b`)", "no request can fulfil it")]
    [TestCase("Host(`*`)", "a plain host name was expected")]
    [TestCase("Host(`*.example.com`)", "a plain host name was expected")]
    [TestCase("Host(`~^a$`)", "a plain host name was expected")]
    [TestCase("Host(`a b`)", "a host name was expected")]
    [TestCase("Host(`https://a.example.com`)", "without scheme and path")]
    [TestCase("Host(`{sub:[a-z]+}.example.com`)", "a host name was expected")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`a`)", "a path that begins with /")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/{id:[0-9]+}`)", "a path that begins with /")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/a/../b`)", "a path that begins with /")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/%61`)", "a path that begins with /")]
    [TestCase("Host(`a.example.com`) && PathPrefix(`/a b`)", "a path that begins with /")]
    public void RefusesARule(string rule, string expected)
    {
        var terms = RuleReader.Read(rule, out var problem);
        Assert.That(problem?.Text, Does.Contain(expected));
        Assert.That(terms, Is.Empty);
    }

    [TestCase("HostRegexp(`.+`)")]
    [TestCase("HostSNI(`a.example.com`)")]
    [TestCase("HostHeader(`a.example.com`)")]
    [TestCase("Path(`/a`)")]
    [TestCase("PathRegexp(`^/a`)")]
    [TestCase("PathPrefixStrip(`/a`)")]
    [TestCase("Method(`GET`)")]
    [TestCase("Header(`X`, `y`)")]
    [TestCase("Headers(`X`, `y`)")]
    [TestCase("HeaderRegexp(`X`, `y`)")]
    [TestCase("HeadersRegexp(`X`, `y`)")]
    [TestCase("Query(`a`, `b`)")]
    [TestCase("QueryRegexp(`a`, `b`)")]
    [TestCase("ClientIP(`10.0.0.0/8`)")]
    [TestCase("ALPN(`h2`)")]
    public void RefusesAnyOtherMatcher(string matcher)
    {
        RuleReader.Read($"Host(`a.example.com`) && {matcher}", out var problem);
        Assert.That(problem?.Text, Is.EqualTo($"{matcher[..matcher.IndexOf('(', StringComparison.Ordinal)]} is not supported, only Host and PathPrefix with &&, || and parentheses are"));
    }

    [Test]
    public void IsBounded()
    {
        var depth = RuleReader.Read(new string('(', 900) + "Host(`a`)" + new string(')', 900), out var deep);
        var ways = RuleReader.Read($"{Any(8)} && {Any(8)} && Host(`a`)", out var wide);
        Assert.That((depth.Length, ways.Length, deep?.Text, wide?.Text), Is.EqualTo((0, 0, "it has more than 32 parentheses within each other", "it can be fulfilled in more than 50 ways")));

        static string Any(int count) => "(" + string.Join(" || ", Enumerable.Range(0, count).Select(static _ => "PathPrefix(`/a`)")) + ")";
    }

    [Test]
    public void NeverThrows()
    {
        ImmutableArray<string> pieces = ["Host", "PathPrefix", "(", ")", "`a.example.com`", "`/a`", "\"/b\"", "`", "&&", "||", "!", ",", " ", "&", "|", "\\", "\"", "é", "\0", "{", "Path"];
        var random = new Random(20261126);
        for (var round = 0; round < 20_000; round++)
        {
            var text = new StringBuilder();
            for (var count = random.Next(1, 14); count > 0; count--)
                text.Append(pieces[random.Next(pieces.Length)]);
            var terms = RuleReader.Read(text.ToString(), out var problem);
            if (terms.IsEmpty == (problem is null) || terms.Length > RuleReader.MaxTerms || terms.Any(static term => term.Hosts is null or { Length: 0 }))
                Assert.Fail($"{text}: {terms.Length} terms, {problem?.Text}");
        }
    }
}
