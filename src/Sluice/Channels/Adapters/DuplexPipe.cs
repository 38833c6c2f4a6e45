using System.IO.Pipelines;

namespace Sluice.Channels.Adapters;

/// <summary>Two pipe faces as one.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
