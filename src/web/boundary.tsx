/** What cannot be shown costs itself, not the page around it. */
import { Component, type ReactNode } from 'react'

interface Props {
  readonly children: ReactNode
  readonly fallback: (error: Error) => ReactNode
  /** Another value is another chance. */
  readonly of: unknown
}

export class Boundary extends Component<Props, { error: Error | null; of: unknown }> {
  override state = { error: null, of: this.props.of }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  static getDerivedStateFromProps(props: Props, state: { error: Error | null; of: unknown }) {
    return props.of === state.of ? null : { error: null, of: props.of }
  }

  override render(): ReactNode {
    const { error } = this.state
    return error ? this.props.fallback(error) : this.props.children
  }
}
