using System.IO.Pipelines;

namespace Sluice.Channels.Adapters;

/// <summary>Combines a pipe reader and a pipe writer.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
