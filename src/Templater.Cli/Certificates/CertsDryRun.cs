using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Cli.Running;
using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Web;

namespace Templater.Cli.Certificates;

/// <summary><c>certs issue --dry-run</c>: orders a certificate at the staging directory of its CA, and throws it away.</summary>
/// <param name="context">What is known.</param>
internal sealed class CertsDryRun(CertsContext context)
{
    /// <summary>Orders it.</summary>
    /// <param name="name">The certificate's name, or a name in it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<int> RunAsync(string name, CancellationToken cancellationToken)
    {
        var wanted = context.Find(name);
        if (context.Settings.Acme is not { } plan || wanted.Order is not { } order)
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting, "with these settings no certificates are obtained; give this command the settings of templater run.");
        var shown = VisibleText.Of(wanted.Name);
        try
        {
            var state = new AcmeState(StateDirectory.Open(context.Directory), context.Surroundings.Time);
            var rehearsal = new CertificateRehearsal(ByTheOneThatListens(plan, state, order.Challenge), state.Accounts, context.Surroundings.Time, $"templater/{CommandLine.Version}", KeptCertificates.ResolvConf(),
                line => context.Surroundings.Output.WriteLine($"{shown}: {VisibleText.Of(line)}"));
            await context.SayAsync($"{shown}: ordered at the staging directory of {VisibleText.Of(order.Authority)}, by {order.Challenge}", cancellationToken);
            var issued = await rehearsal.RunAsync(wanted.Name, wanted.Names, order, cancellationToken);
            await context.SayAsync($"{shown}: the dry run succeeded; what {VisibleText.Of(issued.Chain.Leaf.Issuer)} issued was thrown away, and nothing has changed here", cancellationToken);
            return ExitCode.Done;
        }
        catch (AcmeException exception)
        {
            throw Failed(shown, exception.Message);
        }
        catch (ListenFailedException exception)
        {
            throw Failed(shown, exception.Message);
        }
        catch (ArgumentException exception)
        {
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable, $"the state directory {context.Directory} cannot be used: {FileTrouble.Of(exception)} Ask inside the container that runs Templater, as its user.");
        }
    }

    // A Templater that runs has the address already: it gives the answers that are left to it.
    private AcmePlan ByTheOneThatListens(AcmePlan plan, AcmeState state, string challenge)
    {
        if (plan.Listen is null || !context.Report().IsRunning)
            return plan;
        if (challenge == ChallengeType.TlsAlpn01)
            throw new AcmeException(AcmeFailure.Challenge, $"{challenge} is answered by the Templater that runs, which knows nothing of a dry run. Stop it first");
        state.MakeAnswersFolder();
        return plan with { Policy = plan.Policy with { Listen = null, Webroot = state.AnswersFolder } };
    }

    private static CommandFailedException Failed(string name, string why) =>
        new(ExitCode.Environment, ReasonIds.AcmeFailed, $"{name}: the dry run failed: {VisibleText.Of(why).TrimEnd('.')}. Nothing has changed here.");
}
