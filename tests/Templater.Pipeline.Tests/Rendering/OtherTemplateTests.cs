using System.Text;
using Templater.Pipeline.Deployment.Checks;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class OtherTemplateTests
{
    [Test]
    public void CentauriGetsWhatItKnows()
    {
        using var certificates = new TempDirectory();
        var text = SampleHosts.Rich(certificates.Path).Text("centauri");
        Golden.Verify(text, "rich.centauri.conf");
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null, text);
    }

    [TestCaseSource(typeof(SampleHosts), nameof(SampleHosts.Extremes))]
    public void CentauriTakesExtremeSizes(string what)
    {
        var text = SampleHosts.Extreme(what).Text("centauri");
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null, text);
    }

    [Test]
    public void CentauriWithoutHostsIsAValidFile() =>
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(new Scenario().Text("centauri"))), Is.Null);

    [Test]
    public void DomainsAreOneLineForEachHost()
    {
        using var certificates = new TempDirectory();
        Golden.Verify(SampleHosts.Rich(certificates.Path).Text("domains"), "rich.domains.txt");
    }
}
