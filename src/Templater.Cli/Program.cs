using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using Templater.Cli;

// The only place that touches the console, the environment's variables and the process's signals.
using var signals = new ProcessSignals();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => End(context, ProcessSignals.Terminate));
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => End(context, ProcessSignals.Interrupt));
using var hangup = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
{
    context.Cancel = true;
    signals.HangUp();
});
// SIGUSR2 has no name there; its number is the same on all that .NET runs on with Linux.
using var renewal = OperatingSystem.IsLinux() ? PosixSignalRegistration.Create((PosixSignal)ProcessSignals.Renewal, context =>
{
    context.Cancel = true;
    signals.Renew();
}) : null;

var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
// Not disposed: what could not be written was told when the command ended, and would not be written now either.
var output = new StreamWriter(new StandardStream(Console.OpenStandardOutput(), isForgiving: false), encoding);
await using var error = new StreamWriter(new StandardStream(Console.OpenStandardError(), isForgiving: true), encoding);
error.AutoFlush = true;
output.NewLine = error.NewLine = "\n";

var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(static entry => (string)entry.Key, static entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
var inherited = ProgramReplacement.Take(variables);

return await CommandLine.RunAsync(args, new Surroundings
{
    Output = output,
    Error = error,
    Input = Console.OpenStandardInput(),
    Variables = variables,
    Time = TimeProvider.System,
    Signals = signals,
    Inherited = inherited,
    Replace = ProgramReplacement.Replace,
});

// The first signal ends in an orderly way; a second one, if that takes too long, at once.
void End(PosixSignalContext context, int number)
{
    context.Cancel = signals.EndedBy is null;
    signals.End(number);
}
