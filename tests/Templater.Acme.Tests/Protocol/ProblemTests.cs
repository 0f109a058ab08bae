using Templater.Acme.Protocol;

namespace Templater.Acme.Tests.Protocol;

public sealed class ProblemTests
{
    [Test]
    public void IsOneLineWithAllThatTheOperatorNeeds()
    {
        var problem = new Problem
        {
            Type = "urn:ietf:params:acme:error:userActionRequired",
            Detail = "agree\r\n\tto the \u001b[31mnew\u202e terms",
            Instance = "https://ca.test/terms",
            Subproblems = [new Problem { Type = "urn:ietf:params:acme:error:dns", Detail = "no answer", Identifier = new("dns", "a.example") }],
        };

        Assert.That(problem.ToString(), Is.EqualTo("userActionRequired: agree to the [31mnew terms; a.example: dns: no answer; see https://ca.test/terms"));
    }

    [Test]
    public void ItsTypesAreForeignTextToo()
    {
        var problem = new Problem { Type = "https://ca.test/\u001b[31mred", Subproblems = [new Problem { Type = "urn:ietf:params:acme:error:a\nb" }] };

        Assert.That(problem.ToString(), Is.EqualTo("https://ca.test/ [31mred; a b"));
    }

    [Test]
    public void IsBoundedHoweverMuchACaSays()
    {
        var much = new string('x', 100_000);
        var problem = new Problem { Type = much, Detail = much, Instance = much, Subproblems = [.. Enumerable.Range(0, 1000).Select(_ => new Problem { Detail = much })] };

        Assert.That(problem.ToString(), Has.Length.LessThan(5000).And.Contains("and 990 more"));
    }
}
